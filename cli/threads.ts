// Troupes on threads of their own, for groups in which one thread would take long.

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { describeError } from "./output.ts";
import { loadSuites } from "./suites.ts";
import { type Setting, Troupe } from "./troupe.ts";

type Method = keyof Troupe;

/** A troupe on this thread or another: calls are answered in the order in which they were made. */
export interface Stage {
  call<M extends Method>(method: M, ...parameters: Parameters<Troupe[M]>): Promise<ReturnType<Troupe[M]>>;
  close(): Promise<void>;
}

interface Call {
  readonly method: Method;
  readonly parameters: readonly unknown[];
}

type Answer = { readonly result: unknown } | { readonly error: string };

function perform(troupe: Troupe, { method, parameters }: Call): unknown {
  return (troupe[method] as (...given: readonly unknown[]) => unknown).apply(troupe, [...parameters]);
}

/** A troupe on this thread. */
export function ownStage(troupe: Troupe): Stage {
  return {
    // Asynchronous like the others, so that what goes wrong is a rejection here as well.
    // eslint-disable-next-line @typescript-eslint/require-await
    call: async (method, ...parameters) => perform(troupe, { method, parameters }) as never,
    close: () => Promise.resolve(),
  };
}

const ROLE = "grove demo";

/** A troupe on a new thread. */
export function startStage(setting: Setting): Stage {
  const worker = new Worker(new URL(import.meta.url), { workerData: { role: ROLE, setting } });
  const waiting: { resolve: (result: never) => void; reject: (error: Error) => void }[] = [];
  worker.on("message", (answer: Answer) => {
    const call = waiting.shift()!;
    if ("error" in answer) call.reject(new Error(answer.error));
    else call.resolve(answer.result as never);
  });
  let failure: Error | undefined;
  worker.on("error", (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
    for (const call of waiting.splice(0)) call.reject(failure);
  });
  return {
    call: (method, ...parameters) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure;
        waiting.push({ resolve, reject });
        worker.postMessage({ method, parameters } satisfies Call);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** Whether this thread is one that `startStage` started. */
export const isStage: boolean = !isMainThread && (workerData as { role?: unknown } | null)?.role === ROLE;

async function serve(): Promise<void> {
  const { setting } = workerData as { setting: Setting };
  const troupe = new Troupe(setting, (await loadSuites()) ?? []);
  parentPort!.on("message", (call: Call) => {
    let answer: Answer;
    try {
      answer = { result: perform(troupe, call) };
    } catch (error) {
      answer = { error: describeError(error) };
    }
    parentPort!.postMessage(answer);
  });
}

if (isStage) await serve();
