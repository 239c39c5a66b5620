import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { agentsQuery } from "@/hooks/use-agents";
import { meAt, meQuery } from "@/lib/api/me";
import { hasSession, mustChangePassword, restoreSession } from "@/lib/api/session";
import { Frame } from "./frame/frame";
import { NotFoundPage } from "./routes/not-found-page";
import { RouteErrorPage } from "./routes/route-error-page";
import * as search from "./search";
import { parseSearch, stringifySearch } from "./search";

interface RouterContext {
  queries: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: search.signInSearch,
  component: lazyRouteComponent(() => import("./routes/sign-in-page"), "SignInPage"),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invite",
  component: lazyRouteComponent(() => import("./routes/account-link-page"), "AccountLinkPage"),
});

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset",
  component: lazyRouteComponent(() => import("./routes/account-link-page"), "AccountLinkPage"),
});

/** Lets nobody in without a session and a password of their own; the address is kept for afterwards. */
async function requireSession(href: string): Promise<void> {
  const signedIn = hasSession() || (await restoreSession());
  if (!signedIn || mustChangePassword()) {
    throw redirect({ to: "/sign-in", search: { return_to: href === "/" ? undefined : href } });
  }
}

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ context, location }) => {
    await requireSession(location.href);
    const me = await context.queries.ensureQueryData(meQuery);
    throw redirect({ to: "/t/$tenant", params: { tenant: me.tenant.slug }, replace: true });
  },
});

const tenantRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/t/$tenant",
  beforeLoad: async ({ context, location, params }) => {
    await requireSession(location.href);
    await context.queries.ensureQueryData(meAt(params.tenant));
  },
  component: Frame,
});

/** The pages of an MSP about all its customers: they stand above any one tenant. */
const mspRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/msp",
  beforeLoad: async ({ context, location }) => {
    await requireSession(location.href);
    const me = await context.queries.ensureQueryData(meQuery);
    await context.queries.ensureQueryData(meAt(me.tenant.slug));
  },
  component: Frame,
});

const clientsRoute = createRoute({
  getParentRoute: () => mspRoute,
  path: "/clients",
  validateSearch: search.clientsSearch,
  component: lazyRouteComponent(() => import("./routes/clients-page"), "ClientsPage"),
});

const tenantHomeRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/",
  beforeLoad: async ({ context, params }) => {
    // A billing viewer has no dashboard: they land on what they come for.
    const { permissions } = await context.queries.ensureQueryData(meAt(params.tenant));
    const to = permissions?.includes("findings.read")
      ? "/t/$tenant/dashboard"
      : permissions?.includes("usage.read")
        ? "/t/$tenant/usage"
        : "/t/$tenant/settings";
    throw redirect({ to, params, replace: true });
  },
});

const agentsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/agents",
  validateSearch: search.listSearch,
  loader: ({ context, params }) => {
    void context.queries.prefetchQuery(agentsQuery(params.tenant));
  },
  component: lazyRouteComponent(() => import("./routes/agents-page"), "AgentsPage"),
});

const agentRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/agents/$agentId",
  component: lazyRouteComponent(() => import("./routes/agent-page"), "AgentPage"),
});

const agentTabRoute = createRoute({
  getParentRoute: () => agentRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/agent-page"), "AgentOverviewTab"),
});

const agentCollectionsRoute = createRoute({
  getParentRoute: () => agentRoute,
  path: "/collections",
  component: lazyRouteComponent(() => import("./routes/agent-page"), "AgentCollectionsTab"),
});

const agentCollectionRoute = createRoute({
  getParentRoute: () => agentRoute,
  path: "/collections/$collection",
  validateSearch: search.collectionSearch,
  component: lazyRouteComponent(() => import("./routes/agent-collection-page"), "AgentCollectionPage"),
});

const agentFindingsRoute = createRoute({
  getParentRoute: () => agentRoute,
  path: "/findings",
  component: lazyRouteComponent(() => import("./routes/agent-findings-page"), "AgentFindingsPage"),
});

const agentSideRoute = createRoute({
  getParentRoute: () => agentRoute,
  path: "/$tab",
  validateSearch: search.agentTabSearch,
  component: lazyRouteComponent(() => import("./routes/agent-tab-page"), "AgentTabPage"),
});

const queryRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/query",
  validateSearch: search.querySearch,
  component: lazyRouteComponent(() => import("./routes/live-query-page"), "LiveQueryPage"),
});

const findingsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/findings",
  validateSearch: search.findingsSearch,
  component: lazyRouteComponent(() => import("./routes/findings-page"), "FindingsPage"),
});

const findingRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/findings/$findingId",
  component: lazyRouteComponent(() => import("./routes/finding-page"), "FindingPage"),
});

const auditRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/audit",
  validateSearch: search.auditSearch,
  component: lazyRouteComponent(() => import("./routes/audit-page"), "AuditPage"),
});

const peopleRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/people",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/people-page"), "PeoplePage"),
});

const grantsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/people/grants",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/grants-page"), "GrantsPage"),
});

const tenantsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/tenants",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/tenants-page"), "TenantsPage"),
});

const packsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/packs",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/packs-page"), "PacksPage"),
});

const usageRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/usage",
  validateSearch: search.usageSearch,
  component: lazyRouteComponent(() => import("./routes/usage-page"), "UsagePage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./routes/settings-page"), "SettingsPage"),
});

const inventoryHomeRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/inventory",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/t/$tenant/inventory/$kind",
      params: { ...params, kind: "software" },
      replace: true,
    });
  },
});

const inventoryRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/inventory/$kind",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/inventory-page"), "InventoryPage"),
});

const alertsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/alerts",
  validateSearch: search.stateSearch,
  component: lazyRouteComponent(() => import("./routes/alerts-page"), "AlertsPage"),
});

const rulesRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/rules",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/rules-page"), "RulesPage"),
});

const ruleRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/rules/$rule",
  component: lazyRouteComponent(() => import("./routes/rule-page"), "RulePage"),
});

const notificationsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/notifications",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/notifications-page"), "NotificationsPage"),
});

const channelsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/notifications/channels",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/channels-page"), "ChannelsPage"),
});

const groupsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/groups",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/groups-page"), "GroupsPage"),
});

const scansRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/scans",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/scans-page"), "ScansPage"),
});

const scanRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/scans/$scan",
  validateSearch: search.stateSearch,
  component: lazyRouteComponent(() => import("./routes/scan-page"), "ScanPage"),
});

const modulesRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/modules",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/modules-page"), "ModulesPage"),
});

const dashboardRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/dashboard",
  validateSearch: search.dashboardSearch,
  component: lazyRouteComponent(() => import("./routes/dashboard-page"), "DashboardPage"),
});

const complianceRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/compliance",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/compliance-page"), "CompliancePage"),
});

const frameworksRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/compliance/frameworks",
  validateSearch: search.listSearch,
  component: lazyRouteComponent(() => import("./routes/frameworks-page"), "FrameworksPage"),
});

const frameworkRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/compliance/frameworks/$framework",
  validateSearch: search.stateSearch,
  component: lazyRouteComponent(() => import("./routes/framework-page"), "FrameworkPage"),
});

const waiversRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/compliance/waivers",
  validateSearch: search.stateSearch,
  component: lazyRouteComponent(() => import("./routes/waivers-page"), "WaiversPage"),
});

const driftRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/drift",
  validateSearch: search.driftSearch,
  component: lazyRouteComponent(() => import("./routes/drift-page"), "DriftPage"),
});

const checkRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: "/compliance/$check",
  validateSearch: search.stateSearch,
  component: lazyRouteComponent(() => import("./routes/check-page"), "CheckPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  invitationRoute,
  resetRoute,
  homeRoute,
  mspRoute.addChildren([clientsRoute]),
  tenantRoute.addChildren([
    tenantHomeRoute,
    agentsRoute,
    agentRoute.addChildren([
      agentTabRoute,
      agentCollectionsRoute,
      agentCollectionRoute,
      agentFindingsRoute,
      agentSideRoute,
    ]),
    queryRoute,
    findingsRoute,
    findingRoute,
    inventoryHomeRoute,
    inventoryRoute,
    dashboardRoute,
    complianceRoute,
    frameworksRoute,
    frameworkRoute,
    waiversRoute,
    driftRoute,
    checkRoute,
    alertsRoute,
    rulesRoute,
    ruleRoute,
    packsRoute,
    notificationsRoute,
    channelsRoute,
    groupsRoute,
    scansRoute,
    scanRoute,
    modulesRoute,
    tenantsRoute,
    peopleRoute,
    grantsRoute,
    auditRoute,
    usageRoute,
    settingsRoute,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: RouteErrorPage,
    defaultPendingMs: 400,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
