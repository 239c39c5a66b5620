import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Bookmark, Building2, Keyboard, Laptop, LogOut, Moon, ShieldCheck, Sun, Table2 } from "lucide-react";
import { useSignOut } from "@/features/auth/api/sign-out";
import { useSavedQueries } from "@/features/live-query/api/saved-queries";
import { tenantsQuery } from "@/features/tenants/api/list-tenants";
import { useAgents } from "@/hooks/use-agents";
import { useChecks } from "@/hooks/use-checks";
import { useCan, useHas } from "@/hooks/use-me";
import { useTables } from "@/hooks/use-tables";
import { useTenant } from "@/hooks/use-tenant";
import { keepDraft } from "@/lib/query-draft";
import { isDark, setTheme } from "@/lib/theme";
import { pages } from "../pages";
import { pageActions } from "./actions";
import { matcher, type Kind } from "./matcher";
import type { PaletteItem } from "./palette-group";

/** Items of a kind shown at once: more are found by typing, not by scrolling. */
const shownAtOnce = 8;

/** What the palette offers for a text, by kind, the likeliest first. Names appear once something is typed or their kind is asked for. */
export function usePaletteItems(
  text: string,
  onShowKeys: () => void,
): { heading: string; items: PaletteItem[] }[] {
  const { shows, listed, rank } = matcher(text);
  const can = useCan();
  const has = useHas();
  const tenant = useTenant();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const agents = useAgents(tenant, can("agents.read"));
  const tables = useTables(can("query.run"));
  const saved = useSavedQueries(tenant, can("query.run"));
  const checks = useChecks(tenant, can("compliance.read") && has("compliance"));
  const tenants = useQuery({ ...tenantsQuery, enabled: can("tenants.read") });

  const of = <Item>(
    kind: Kind,
    all: Item[] | undefined,
    names: (item: Item) => string[],
    make: (item: Item) => PaletteItem,
  ): PaletteItem[] => (shows(kind) ? rank(all ?? [], names).map(make) : []);
  const named = (items: PaletteItem[]) => (listed ? items.slice(0, shownAtOnce) : []);

  const commands: PaletteItem[] = [
    ...pageActions
      .filter(({ permission }) => can(permission))
      .map(({ label, icon, to, hash }) => ({
        id: label,
        icon,
        label,
        run: () => navigate({ to, params: { tenant }, hash }),
      })),
    {
      id: "theme",
      icon: isDark() ? Sun : Moon,
      label: isDark() ? "Use the light theme" : "Use the dark theme",
      run: () => {
        setTheme(isDark() ? "light" : "dark");
      },
    },
    { id: "keys", icon: Keyboard, label: "Show all keys", keys: ["?"], run: onShowKeys },
    {
      id: "sign-out",
      icon: LogOut,
      label: "Sign out",
      run: () => {
        signOut.mutate();
      },
    },
  ];

  return [
    {
      heading: "Pages",
      items: of(
        "actions",
        pages.filter(({ permission }) => can(permission)),
        ({ label }) => [label],
        ({ to, label, icon, key }) => ({
          id: to,
          icon,
          label,
          keys: ["G", key.toUpperCase()],
          run: () => navigate({ to, params: { tenant } }),
        }),
      ),
    },
    {
      heading: "Agents",
      items: named(
        of(
          "agents",
          agents.data?.items,
          ({ hostname }) => [hostname],
          ({ id, hostname, os_name, tenant_name }) => ({
            id,
            icon: Laptop,
            label: hostname,
            note: `${os_name} · ${tenant_name}`,
            run: () => navigate({ to: "/t/$tenant/agents/$agentId", params: { tenant, agentId: id } }),
          }),
        ),
      ),
    },
    {
      heading: "Saved queries",
      items: named(
        of(
          "queries",
          saved.data?.items,
          ({ name }) => [name],
          ({ id, name, owner, sql }) => ({
            id,
            icon: Bookmark,
            label: name,
            note: owner,
            run: () => {
              keepDraft(tenant, sql);
              return navigate({ to: "/t/$tenant/query", params: { tenant }, hash: `saved=${id}` });
            },
          }),
        ),
      ),
    },
    {
      heading: "Checks",
      items: named(
        of(
          "checks",
          checks.data?.items,
          ({ title, check }) => [title, check],
          ({ check, title, fail }) => ({
            id: check,
            icon: ShieldCheck,
            label: title,
            note: fail > 0 ? `fails on ${fail}` : "",
            run: () => navigate({ to: "/t/$tenant/compliance/$check", params: { tenant, check } }),
          }),
        ),
      ),
    },
    {
      heading: "Tables",
      items: named(
        of(
          "tables",
          tables.data,
          ({ name }) => [name],
          ({ name, doc }) => ({
            id: name,
            icon: Table2,
            label: name,
            note: doc,
            mono: true,
            run: () => navigate({ to: "/t/$tenant/query", params: { tenant }, hash: `table=${name}` }),
          }),
        ),
      ),
    },
    {
      heading: "Tenants",
      items: named(
        of(
          "tenants",
          tenants.data?.items,
          ({ name, slug }) => [name, slug],
          ({ id, name, slug }) => ({
            id,
            icon: Building2,
            label: name,
            note: slug,
            run: () => navigate({ to: "/t/$tenant", params: { tenant: slug } }),
          }),
        ),
      ),
    },
    {
      heading: "Actions",
      items: of(
        "actions",
        commands,
        ({ label }) => [label],
        (item) => item,
      ),
    },
  ];
}
