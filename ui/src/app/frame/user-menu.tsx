import { Ellipsis, Keyboard, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useSignOut } from "@/features/auth/api/sign-out";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Kbd } from "@/components/ui/kbd";
import { useMe } from "@/hooks/use-me";
import { useTheme } from "@/hooks/use-theme";
import { cn } from "@/lib/cn";
import { roleWord } from "@/lib/roles";
import { setTheme, type Theme } from "@/lib/theme";

const themes: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
];

/** Who is signed in, the look, the keys and the way out. */
export function UserMenu({ folded, onShowKeys }: { folded: boolean; onShowKeys: () => void }) {
  const { user, role } = useMe();
  const theme = useTheme();
  const signOut = useSignOut();
  const name = user.name || user.email;

  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        className={cn(
          "flex min-h-9 w-full items-center gap-2 rounded-sm px-1.5 py-1 text-left hover:bg-hover data-[state=open]:bg-hover",
          folded && "justify-center px-0",
        )}
      >
        <span
          aria-hidden
          className="grid size-6 shrink-0 place-items-center rounded-full bg-primary-soft text-[10.5px] font-semibold text-primary-text"
        >
          {initials(name)}
        </span>
        {!folded && (
          <>
            <span className="min-w-0 flex-1">
              <b className="block truncate leading-4 font-[550]">{name}</b>
              <small className="block truncate text-2xs font-normal text-fg-subtle">{roleWord(role)}</small>
            </span>
            <Ellipsis size={15} className="shrink-0 text-fg-subtle" aria-hidden />
          </>
        )}
        <span className="sr-only">{folded && name}: account, theme and keys</span>
      </DropdownMenuTrigger>
      <DropdownMenuContent side="top" align="start" className="min-w-52">
        <DropdownMenuLabel>{user.email}</DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Theme</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={theme}
          onValueChange={(value) => {
            setTheme(value as Theme);
          }}
        >
          {themes.map(({ value, label, icon: Icon }) => (
            <DropdownMenuRadioItem key={value} value={value}>
              <Icon size={15} strokeWidth={1.75} className="text-fg-subtle" aria-hidden />
              {label}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={onShowKeys}>
          <Keyboard size={15} strokeWidth={1.75} className="text-fg-subtle" aria-hidden />
          <span className="flex-1">Keyboard keys</span>
          <Kbd keys={["?"]} />
        </DropdownMenuItem>
        <DropdownMenuItem
          onSelect={() => {
            signOut.mutate();
          }}
        >
          <LogOut size={15} strokeWidth={1.75} className="text-fg-subtle" aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join("");
}
