const names: Record<string, string> = { linux: "Linux", windows: "Windows", darwin: "macOS" };

/** A platform as people call it. */
export function platformName(platform: string): string {
  return names[platform] ?? platform;
}
