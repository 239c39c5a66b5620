import { useNavigate, useRouterState } from "@tanstack/react-router";
import { TenantSwitcher } from "@/features/tenants/components/tenant-switcher";
import { useCan, useMe } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { notify } from "@/lib/toasts";
import { pages } from "../pages";

/** The tenant switcher, wired to the address. */
export function Tenants({ folded }: { folded: boolean }) {
  const can = useCan();
  const me = useMe();
  const tenant = useTenant();
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });

  /** Keeps the page and drops what belongs to the tenant one leaves, saying so. */
  const switchTo = (slug: string) => {
    const page = pages.find(
      ({ to }) => to.startsWith("/t/$tenant/") && pathname.startsWith(to.replace("$tenant", tenant)),
    );
    const opened = page !== undefined && pathname !== page.to.replace("$tenant", tenant);
    void navigate({ to: page?.to ?? "/t/$tenant", params: { tenant: slug } });
    if (opened) notify("What was open belongs to the other tenant and was closed.");
  };

  return (
    <TenantSwitcher
      current={tenant === me.tenant.slug ? me.tenant : { slug: tenant, name: tenant }}
      canSwitch={can("tenants.read")}
      folded={folded}
      onSwitch={switchTo}
    />
  );
}
