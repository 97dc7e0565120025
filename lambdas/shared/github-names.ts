import { createHash } from 'node:crypto';
import * as z from 'zod';

/** `owner/name`, as GitHub spells it. */
export const repositoryName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.)){0,99}$/,
    'write it as owner/name',
  );

/** One commit, whole. */
export const commitId = z.string().regex(/^[0-9a-f]{40}$/, 'the whole commit, 40 hex digits');

export const branchName = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9_](?:[A-Za-z0-9_-]|[./](?![./]))*$/,
    'the name of a branch: letters, digits, ".", "_", "-" and "/"',
  );

export const folderPath = z
  .string()
  .max(400)
  .regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,99}(?:\/[A-Za-z0-9_][A-Za-z0-9_-]{0,99}){0,9})?$/,
    'a folder of the repository, without a slash at either end',
  );

/**
 * The name of the one run that a delivery starts for a workspace. The same bytes always name the same run, so that
 * whatever is delivered again starts nothing.
 */
export const runIdOf = (deliveryDigest: string, workspace: string): string =>
  `gh-${createHash('sha256').update(`${deliveryDigest}\n${workspace}`).digest('hex').slice(0, 40)}`;

/** A run of ours, or the execution of its gate. */
export const executionNamePattern = /^(gh-[0-9a-f]{40})(-approval-\d{1,3})?$/;
