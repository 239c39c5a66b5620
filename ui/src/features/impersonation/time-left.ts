/** How long something still holds, in whole minutes: `24 min left`. */
export function timeLeft(endsAt: number, now: number): string {
  const minutes = Math.floor((endsAt - now) / 60_000);
  return minutes < 1 ? "less than a minute left" : `${minutes} min left`;
}
