// What no play takes, and why it need not: by machine, then by the name of the state or transition. Whoever adds one says why.
export const HOLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'workflow/upload': {
    'contending.waiting.listing xstate.done.actor.listSessions (2) [rehearses]':
      'this state and `opening.listing` are one definition; a rehearsal never contends, it only looks (`rehearsing`)'
  }
};
