import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./ui/button";

/** Copies a text; the icon says so in place for a moment. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, 1500);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
    });
  };
  const size = children ? 15 : 13;
  const icon = copied ? (
    <Check size={size} strokeWidth={1.75} aria-hidden />
  ) : (
    <Copy size={size} strokeWidth={1.75} aria-hidden />
  );
  return children ? (
    <Button variant="ghost" onClick={copy}>
      {icon}
      {copied ? "Copied" : children}
    </Button>
  ) : (
    <Button variant="ghost" size="icon-small" aria-label={copied ? "Copied" : label} onClick={copy}>
      {icon}
    </Button>
  );
}
