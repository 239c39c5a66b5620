export interface EnrollCommand {
  platform: string;
  command: string;
}

/** What to paste on each platform. The secret goes in by standard input: arguments are seen by every user of a computer. */
export function enrollCommands(server: string, secret: string): EnrollCommand[] {
  return [
    {
      platform: "Linux",
      command: `echo '${secret}' | sudo tenantra-agent enroll --server ${server} --secret-file -`,
    },
    {
      platform: "Windows",
      command: `'${secret}' | & "$env:ProgramFiles\\Tenantra\\tenantra-agent.exe" enroll --server ${server} --secret-file -`,
    },
    {
      platform: "macOS",
      command: `echo '${secret}' | sudo tenantra-agent enroll --server ${server} --secret-file -`,
    },
  ];
}
