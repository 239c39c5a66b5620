/** Something dangerous wants to be asked again who one is: the frame shows the question and answers here. */
let waiting: ((done: boolean) => void) | null = null;
let asked: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

/** Asks the person to show who they are; true once the server has believed it. Calls at the same time share one question. */
export function askStepUp(): Promise<boolean> {
  asked ??= new Promise<boolean>((resolve) => {
    waiting = resolve;
  }).finally(() => {
    asked = null;
  });
  tell();
  return asked;
}

/** Ends the question: the call that waits goes on, or fails as the server refused it. */
export function answerStepUp(done: boolean): void {
  waiting?.(done);
  waiting = null;
  tell();
}

export function stepUpAsked(): boolean {
  return waiting !== null;
}

export function subscribeStepUp(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
