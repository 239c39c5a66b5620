interface PolicyFactory {
  createPolicy(
    name: string,
    rules: {
      createHTML(input: string): string;
      createScriptURL(input: string): string;
    },
  ): unknown;
}

/**
 * The page's only trusted-types policy. Markup: only the empty string, with which libraries clear a node. Script addresses: only
 * our own built files, for the grid's worker. Everything else throws, and shows in tests.
 */
export const rules = {
  createHTML(input: string): string {
    if (input === "") return input;
    throw new TypeError("markup from text is refused");
  },
  createScriptURL(input: string): string {
    const url = new URL(input, window.location.origin);
    if (url.origin === window.location.origin && /^\/assets\/[\w.-]+\.js$/.test(url.pathname))
      return url.href;
    throw new TypeError("script from another address is refused");
  },
};

export function installTrustedTypes(): void {
  const factory = (window as Window & { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy("default", rules);
}
