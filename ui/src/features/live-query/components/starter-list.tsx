import { SquareTerminal } from "lucide-react";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { starters } from "../starters";

/** Before the first run: questions to begin with. */
export function StarterList({ onInsert }: { onInsert: (sql: string) => void }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto bg-surface">
      <EmptyState icon={SquareTerminal} title="Ask every agent a question" className="pb-4">
        Rows arrive here as agents answer. Try one of these:
      </EmptyState>
      <ul className="mx-auto mb-6 w-[min(420px,calc(100%-32px))]">
        {starters.map(({ question, sql }) => (
          <li key={question} className="flex items-center gap-3 border-t border-border py-1.5">
            <span className="min-w-0 flex-1">{question}</span>
            <Button
              size="small"
              aria-label={`Insert: ${question}`}
              onClick={() => {
                onInsert(sql);
              }}
            >
              Insert
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
