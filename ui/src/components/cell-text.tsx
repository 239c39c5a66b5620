import { visibleText } from "@/lib/visible-text";

/** What a row holds, as text and nothing else. NULL is written, never blank; invisible characters are shown. */
export function CellText({
  text,
  show = (whole) => whole,
}: {
  text: string | null;
  show?: (text: string) => string;
}) {
  if (text === null) return <span className="text-fg-subtle italic">NULL</span>;
  const whole = visibleText(text);
  const shown = show(whole);
  return (
    <bdi className="truncate" title={shown !== whole || whole.length > 12 ? whole : undefined}>
      {shown}
    </bdi>
  );
}
