import { useMutation } from "@tanstack/react-query";
import { askAnswers, askStored, type StoredQuestion } from "@/lib/api/stored-rows";

/** Answers a statement from stored rows: no agent is asked, and those that are away answer too. */
export function useAskStored(tenant: string) {
  return useMutation({ mutationFn: (question: StoredQuestion) => askStored(tenant, question) });
}

/** Answers a second statement over what a run's agents answered. */
export function useAskAnswers(tenant: string, run: string) {
  return useMutation({ mutationFn: (sql: string) => askAnswers(tenant, run, sql) });
}
