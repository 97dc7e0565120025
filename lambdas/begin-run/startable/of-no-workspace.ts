/** The content of a run that brings no workspace to anything: it looks at many, or at something else. */
export const ofNoWorkspace = {
  module: null,
  variables: {},
  role: null,
  roleVariables: {},
  upgrade: false,
  preview: true,
} as const;
