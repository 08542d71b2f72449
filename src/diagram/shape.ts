// A machine as plain data: its states and what leads from one to another. Every writer starts from this, so that a
// picture cannot say more or less than the machine does.

export type NodeKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

/** A machine, drawn. JSON. */
export interface Graph {
  readonly name: string;
  readonly description?: string;
  /** Parents stand before their children; the machine itself is no node. */
  readonly nodes: readonly GraphNode[];
  /** In the order in which the machine tries them. */
  readonly edges: readonly GraphEdge[];
  /** The states that the machine begins in: one, or one a region when the machine is parallel at its root. */
  readonly initial: readonly string[];
  readonly parallel: boolean;
  readonly invokes: readonly Child[];
  readonly spawns: readonly string[];
}

export interface GraphNode {
  /** The path of keys: `ACTIVE.open`. */
  readonly id: string;
  readonly key: string;
  readonly kind: NodeKind;
  /** Id of the state around it; '' for the machine. */
  readonly parent: string;
  /** Where a compound state begins. */
  readonly initial?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Children that live exactly as long as the state. */
  readonly invokes: readonly Child[];
  /** Logic that the state starts children of (`meta: { spawns: 'uploadFile' }`). */
  readonly spawns: readonly string[];
}

export interface Child {
  readonly id: string;
  readonly src: string;
}

export type EdgeKind = 'event' | 'always' | 'done' | 'failed';

export interface GraphEdge {
  /** Id of a node; '' for the machine: whatever state it is in. */
  readonly from: string;
  /** Absent: the machine stays where it is. */
  readonly to?: string;
  readonly kind: EdgeKind;
  /** The event as XState names it; '' for `always`. */
  readonly event: string;
  /** The event for a person: `push done`, `complete`. */
  readonly words: string;
  readonly guard?: string;
  /** Place in the list of candidates for this event, from 1, and how many there are. */
  readonly place: number;
  readonly of: number;
  /** How many candidates of the list have a guard. */
  readonly guarded: number;
  /** The name under which the event is refused here (`meta: { refuses }`). */
  readonly refuses?: string;
  /** Whether anything happens (actions) when the edge is taken. */
  readonly acts: boolean;
  readonly description?: string;
}
