// A small reader of what the Mermaid writer writes, sharing no code with it.

export interface ReadState {
  readonly title: string;
  /** Id of the state around it, '' for none. */
  readonly parent: string;
  readonly lines: string[];
}
export interface ReadArrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** The state in whose braces the arrow stands. */
  readonly place: string;
}
export interface Read {
  readonly states: Map<string, ReadState>;
  readonly arrows: ReadArrow[];
  readonly begins: string[];
  readonly ends: string[];
}

export function readMermaid(text: string): Read {
  const [head, ...lines] = text.split('\n').map(line => line.trim());
  if (head !== 'stateDiagram-v2') throw new Error(`it begins with ${head}`);
  const read: Read = { states: new Map(), arrows: [], begins: [], ends: [] };
  const around = [''];
  let note: string | undefined;
  for (const line of lines) {
    const place = around.at(-1) as string;
    const state = /^state "([^"]*)" as (\w+)( \{)?$/.exec(line);
    const arrow = /^(\[\*\]|\w+) --> (\[\*\]|\w+)(?: : (.*))?$/.exec(line);
    const row = /^(\w+) : (.*)$/.exec(line);
    const begin = /^note right of (\w+)$/.exec(line);
    if (line === 'end note') note = undefined;
    else if (note !== undefined) read.states.get(note)?.lines.push(decode(line));
    else if (begin) note = begin[1];
    else if (line === '' || line === '--' || line === 'direction LR') continue;
    else if (line === '}') around.pop();
    else if (state) {
      const [, title, id, opens] = state as unknown as [string, string, string, string?];
      read.states.set(id, { title: decode(title), parent: place, lines: [] });
      if (opens) around.push(id);
    } else if (arrow) {
      const [, from, to, labels] = arrow as unknown as [string, string, string, string?];
      if (from === '[*]') read.begins.push(to);
      else if (to === '[*]') read.ends.push(from);
      else for (const label of labelsOf(labels)) read.arrows.push({ from, to, label, place });
    } else if (row) read.states.get(row[1] as string)?.lines.push(decode(row[2] as string));
    else throw new Error(`cannot read: ${line}`);
  }
  return read;
}

/** A line that begins with a place or a guard belongs to the event of the line above. */
function labelsOf(text = ''): string[] {
  let event = '';
  return text.split('<br/>').map(line => {
    const continued = /^[([]/.test(line);
    if (!continued) event = line.replace(/ ?(\(\d+\) )?\[[^[\]]*\]$/, '').replace(/ \(\d+\)$/, '');
    return decode(continued ? `${event} ${line}` : line);
  });
}

function decode(text: string): string {
  return text.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
