import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

interface DialogContentProps {
  title: string;
  description?: ReactNode;
  /** Leaves the head out for eyes; the title is still spoken. */
  headless?: boolean;
  className?: string;
  children: ReactNode;
}

export function DialogContent({
  title,
  description,
  headless = false,
  className,
  children,
}: DialogContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-40 animate-dialog bg-[rgb(8_10_16/0.42)]" />
      <Primitive.Content
        aria-describedby={description ? undefined : ""}
        className={cn(
          "fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[min(520px,calc(100vw-24px))] -translate-x-1/2 animate-dialog flex-col overflow-hidden rounded-lg bg-raised shadow-lg outline-none",
          className,
        )}
      >
        <div className={headless ? "sr-only" : "flex items-start gap-3 px-4 pt-3.5 pb-2"}>
          <div className="min-w-0 flex-1">
            <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
            {description && (
              <Primitive.Description className="mt-0.5 text-fg-muted">{description}</Primitive.Description>
            )}
          </div>
          {!headless && (
            <Primitive.Close asChild>
              <Button variant="ghost" size="icon-small" aria-label="Close">
                <X size={15} />
              </Button>
            </Primitive.Close>
          )}
        </div>
        {children}
      </Primitive.Content>
    </Primitive.Portal>
  );
}
