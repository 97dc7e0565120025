/** The commands of the first shell block below a README's heading "Use", one each. */
export const documentedCommands = (readme: string): string[] => {
  const block = /^## Use$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(readme)?.[1];
  if (block === undefined) throw new Error('The README has no shell block below its heading "Use".');
  return block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
};

/** The playbook of the first YAML block below a README's heading "Use". */
export const documentedPlaybook = (readme: string): string => {
  const block = /^## Use$[\s\S]*?^```yaml\n([\s\S]*?)^```$/m.exec(readme)?.[1];
  if (block === undefined) throw new Error('The README has no playbook below its heading "Use".');
  return block;
};
