import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { CircleHelp, PanelLeft } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { StepUpDialog } from "@/features/auth/components/step-up-dialog";
import { ActingBanner } from "@/features/impersonation/components/acting-banner";
import { Bell } from "@/features/inbox/components/bell";
import { WatchedNotice } from "@/features/impersonation/components/watched-notice";
import { tenantsQuery } from "@/features/tenants/api/list-tenants";
import { Breadcrumb, BreadcrumbContext, type Crumb } from "@/components/breadcrumb";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { useActing } from "@/hooks/use-acting";
import { useHotkey } from "@/hooks/use-hotkey";
import { useCan, useHas, useMe } from "@/hooks/use-me";
import { useMedia } from "@/hooks/use-media";
import { useStepUpAsked } from "@/hooks/use-step-up";
import { useTenant } from "@/hooks/use-tenant";
import { useQuery } from "@tanstack/react-query";
import { pages, type Page } from "../pages";
import { BottomBar } from "./bottom-bar";
import { LiveIndicator } from "./live-indicator";
import { LostBanner } from "./lost-banner";
import { Sidebar } from "./sidebar";
import { Tenants } from "./tenants";
import { useLive } from "./use-live";
import { UserMenu } from "./user-menu";

const Palette = lazy(() => import("../palette/palette").then(({ Palette }) => ({ default: Palette })));
const KeysDialog = lazy(() => import("./keys-dialog").then(({ KeysDialog }) => ({ default: KeysDialog })));

/** The page's frame: navigation, where one is, whether it is live, and the page itself. */
export function Frame() {
  const tenant = useTenant();
  const me = useMe();
  const can = useCan();
  const has = useHas();
  const tenants = useQuery({ ...tenantsQuery, enabled: can("tenants.read") });
  const acting = useActing();
  const follows = can("agents.read");
  const live = useLive(tenant, follows);
  const stepUpAsked = useStepUpAsked();
  const [crumbs, setCrumbs] = useState<Crumb[]>([]);
  const [overlay, setOverlay] = useState<"palette" | "keys" | null>(null);
  const isWide = useMedia("(min-width: 1280px)");
  const isPhone = useMedia("(max-width: 599px)");
  const [foldedByHand, setFoldedByHand] = useState<boolean | null>(null);
  const folded = foldedByHand ?? !isWide;

  const openPalette = () => {
    setOverlay("palette");
  };
  const toggleSidebar = () => {
    setFoldedByHand(!folded);
  };
  useHotkey("ctrl+k", openPalette);
  const showKeys = () => {
    setOverlay("keys");
  };
  useHotkey("?", showKeys);
  useHotkey("[", toggleSidebar);

  const tenantName =
    tenants.data?.items.find(({ slug }) => slug === tenant)?.name ??
    (tenant === me.tenant.slug ? me.tenant.name : tenant);
  const home = (
    <Link to="/t/$tenant" params={{ tenant }} className="hover:text-fg">
      {tenantName}
    </Link>
  );

  return (
    <BreadcrumbContext value={setCrumbs}>
      <a
        href="#main"
        className="sr-only z-50 rounded-sm bg-raised px-3 py-2 shadow-md focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <div className="flex h-full flex-col print:h-auto">
        {acting && <ActingBanner acting={acting} />}
        {follows && <LostBanner {...live} />}
        <div className="flex min-h-0 flex-1 max-sm:flex-col">
          {!isPhone && <Sidebar folded={folded} onSearch={openPalette} onShowKeys={showKeys} />}
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <div className="no-print flex h-11 flex-none items-center gap-2 border-b border-border bg-surface px-3 pl-2">
              {isPhone ? (
                <div className="min-w-0 flex-1">
                  <Tenants folded={false} />
                </div>
              ) : (
                <>
                  <Tooltip content="Fold or unfold the sidebar ( [ )">
                    <Button
                      variant="ghost"
                      size="icon"
                      onClick={toggleSidebar}
                      aria-label={folded ? "Unfold the sidebar" : "Fold the sidebar"}
                    >
                      <PanelLeft size={15} strokeWidth={1.75} />
                    </Button>
                  </Tooltip>
                  <Breadcrumb crumbs={[{ label: tenantName, link: home }, ...crumbs]} />
                </>
              )}
              {!acting && can("audit.read") && <WatchedNotice tenant={tenant} />}
              {follows && <LiveIndicator connection={live.connection} />}
              {can("findings.read") && has("alerts") && <Bell tenant={tenant} />}
              {isPhone ? (
                <div className="flex-none">
                  <UserMenu folded onShowKeys={showKeys} />
                </div>
              ) : (
                <Button variant="ghost" size="icon" aria-label="Keyboard keys" onClick={showKeys}>
                  <CircleHelp size={15} strokeWidth={1.75} />
                </Button>
              )}
            </div>
            <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
              <Outlet />
            </main>
          </div>
          {isPhone && <BottomBar onSearch={openPalette} />}
        </div>
      </div>
      {pages
        .filter(({ permission }) => can(permission))
        .map((page) => (
          <GoKey key={page.to} page={page} tenant={tenant} />
        ))}
      {stepUpAsked && <StepUpDialog />}
      <Suspense>
        {overlay === "palette" && (
          <Palette
            onShowKeys={showKeys}
            onClose={() => {
              setOverlay(null);
            }}
          />
        )}
        {overlay === "keys" && (
          <KeysDialog
            onClose={() => {
              setOverlay(null);
            }}
          />
        )}
      </Suspense>
    </BreadcrumbContext>
  );
}

/** `G` and the page's key. */
function GoKey({ page, tenant }: { page: Page; tenant: string }) {
  const navigate = useNavigate();
  useHotkey(`g ${page.key}`, () => {
    void navigate({ to: page.to, params: { tenant } });
  });
  return null;
}
