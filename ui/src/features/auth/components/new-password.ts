/** The fewest characters the server takes. */
export const minimumLength = 12;

export const passwordHint = `At least ${minimumLength} characters. A few words in a row are easy to keep.`;

/** What is wrong with a new password and its repetition, by field; nothing where both will do. */
export function newPasswordProblems(
  password: string,
  repeated: string,
): { password?: string; repeated?: string } {
  return {
    ...(password.length < minimumLength && { password: `Use at least ${minimumLength} characters.` }),
    ...(password !== repeated && { repeated: "The two do not match." }),
  };
}
