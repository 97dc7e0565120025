/** `TerraformPlan` → `terraform-plan`. */
export const kebab = (pascal: string): string =>
  pascal.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`);
