import { CircleCheck, TriangleAlert, X } from "lucide-react";
import { Toast as Primitive } from "radix-ui";
import { useSyncExternalStore, type ReactNode } from "react";
import { dismissToast, subscribeToasts, toasts } from "@/lib/toasts";
import { Button } from "./button";

/** Shows what `notify` announces, at the foot of the page where no action lies. */
export function Toaster({ children }: { children: ReactNode }) {
  const shown = useSyncExternalStore(subscribeToasts, toasts);
  return (
    <Primitive.Provider swipeDirection="right" duration={6000} label="Message">
      {children}
      {shown.map(({ id, tone, text, action }) => (
        <Primitive.Root
          key={id}
          onOpenChange={(open) => {
            if (!open) dismissToast(id);
          }}
          className="flex animate-enter items-center gap-2 rounded-md bg-raised py-2 pr-2 pl-3 shadow-md"
        >
          {tone === "bad" ? (
            <TriangleAlert size={15} className="shrink-0 text-bad-fg" aria-label="Problem" />
          ) : (
            <CircleCheck size={15} className="shrink-0 text-ok-fg" aria-label="Done" />
          )}
          <Primitive.Description className="min-w-0 flex-1">{text}</Primitive.Description>
          {action && (
            <Primitive.Action asChild altText={`${action.label}: ${text}`}>
              <Button size="small" onClick={action.run}>
                {action.label}
              </Button>
            </Primitive.Action>
          )}
          <Primitive.Close asChild>
            <Button variant="ghost" size="icon-small" aria-label="Dismiss">
              <X size={13} />
            </Button>
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="fixed right-4 bottom-4 z-50 flex w-80 max-w-[calc(100vw-32px)] flex-col gap-2 outline-none max-sm:bottom-16" />
    </Primitive.Provider>
  );
}
