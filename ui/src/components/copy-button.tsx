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
  const icon = copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />;
  return children ? (
    <Button size="small" onClick={copy}>
      {icon}
      {copied ? "Copied" : children}
    </Button>
  ) : (
    <Button variant="ghost" size="icon-small" aria-label={copied ? "Copied" : label} onClick={copy}>
      {icon}
    </Button>
  );
}
