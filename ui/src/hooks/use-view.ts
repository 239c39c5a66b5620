import { useEffect, useMemo, useRef, useState } from "react";
import type { ColumnStore } from "@/lib/grid/column-store";
import type { Filter, Sort } from "@/lib/grid/filter";
import { view } from "@/lib/grid/view";
import type { FromViewWorker, ToViewWorker } from "@/lib/grid/view-worker";

/** Rows from which a worker sorts and filters: below it a key press is answered sooner without one. */
const workerRows = 20_000;

/** The rows that pass the filters, in order. While a big store is sorted anew the order before stays, and `pending` says so. */
export function useView(
  store: ColumnStore,
  filters: Filter[],
  sort: Sort | null,
): { order: Uint32Array; pending: boolean } {
  const big = store.length >= workerRows;
  const here = useMemo(() => (big ? null : view(store, filters, sort)), [big, store, filters, sort]);
  const worker = useRef<Worker | null>(null);
  const questions = useRef(new Map<number, Question>());
  const count = useRef(0);
  const [there, setThere] = useState<Answered | null>(null);
  const asked = useMemo(() => ({ store, filters, sort }), [store, filters, sort]);

  useEffect(() => {
    if (!big) return;
    const started = new Worker(new URL("../lib/grid/view-worker.ts", import.meta.url), { type: "module" });
    const say = (message: ToViewWorker) => {
      started.postMessage(message);
    };
    say({
      type: "store",
      length: store.length,
      columns: [...store.columns].map(([name, column]) => ({
        name,
        values: column.values,
        ids: column.idsOf(store.length).slice(),
      })),
    });
    started.onmessage = ({ data }: MessageEvent<FromViewWorker>) => {
      const question = questions.current.get(data.question);
      if (question) setThere({ question, order: data.order });
      questions.current.delete(data.question);
    };
    worker.current = started;
    return () => {
      worker.current = null;
      started.terminate();
    };
  }, [big, store]);

  useEffect(() => {
    if (!worker.current) return;
    const number = ++count.current;
    questions.current.set(number, asked);
    const message: ToViewWorker = {
      type: "view",
      question: number,
      filters: asked.filters,
      sort: asked.sort,
    };
    worker.current.postMessage(message);
  }, [asked]);

  if (here) return { order: here, pending: false };
  const known = there?.question.store === store ? there : null;
  return { order: known?.order ?? noRows, pending: known?.question !== asked };
}

interface Question {
  store: ColumnStore;
  filters: Filter[];
  sort: Sort | null;
}

interface Answered {
  question: Question;
  order: Uint32Array;
}

const noRows = new Uint32Array();
