import * as z from 'zod';
import type { ContentOrigin, Pin } from '../shared/contract';
import { canonicalJson } from '../shared/digest';
import { ContentDamagedError, InvalidInputError } from '../shared/errors';
import type { GitSource } from '../shared/git-source';
import { segment, sha256 } from '../shared/names';
import type { Artifacts } from './artifacts';
import { type Content, contentOf, readContent } from './content';
import { type RoleContent, readRole, roleOf } from './role-content';

/**
 * Content by its digest in the artifacts bucket: written once when it is first planned, so that a workspace can be
 * planned and changed with it for as long as it is pinned to it, whatever the catalogue has by then.
 */
type Store = Pick<Artifacts, 'find' | 'putOnce'>;
interface Sources {
  readonly artifacts: Store;
  readonly contentRoot: string;
}

/** Content, and where it came from. */
export interface Chosen<T> {
  readonly content: T;
  readonly from: ContentOrigin['from'];
  /** What the workspace was brought to before, where that was other content. */
  readonly upgradedFrom: string | null;
}

const keptFiles = z.strictObject({
  version: z.literal(1),
  files: z.record(z.string().max(500), z.base64()),
});
const keptRole = z.strictObject({
  version: z.literal(1),
  roles: z.array(z.tuple([segment, sha256])).max(50),
});

const keyOf = (digest: string): string => `content/${digest}.json`;

const damaged = (name: string, digest: string): ContentDamagedError =>
  new ContentDamagedError(
    `The content ${digest.slice(0, 12)} of ${name}, which the workspace is pinned to, is damaged or gone. ` +
      'Start again with "upgrade": true to change over to what the catalogue has.',
  );

const readKept = async <T>(store: Store, name: string, digest: string, as: z.ZodType<T>): Promise<T> => {
  const text = await store.find(keyOf(digest));
  if (text === undefined) throw damaged(name, digest);
  try {
    return as.parse(JSON.parse(text));
  } catch {
    throw damaged(name, digest);
  }
};

const keep = async (store: Store, { files, digest }: Content): Promise<void> => {
  const encoded = Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString('base64')]));
  await store.putOnce(keyOf(digest), canonicalJson({ version: 1, files: encoded }));
};

/** @throws ContentDamagedError when it is gone, or its bytes are not those that the digest names. */
export const readKeptModule = async (store: Store, name: string, digest: string): Promise<Content> => {
  const { files } = await readKept(store, name, digest, keptFiles);
  const decoded = Object.entries(files).map(([path, text]) => [path, Buffer.from(text, 'base64')] as const);
  const content = contentOf(name, new Map(decoded));
  if (content.digest !== digest) throw damaged(name, digest);
  return content;
};

/** @throws ContentDamagedError */
export const readKeptRole = async (store: Store, name: string, digest: string): Promise<RoleContent> => {
  const { roles } = await readKept(store, name, digest, keptRole);
  const role = roleOf(name, await Promise.all(roles.map(([one, its]) => readKeptModule(store, one, its))));
  if (role.digest !== digest) throw damaged(name, digest);
  return role;
};

const choose = async <T extends { readonly digest: string }>(
  pin: Pin | null | undefined,
  current: () => Promise<T>,
  kept: (digest: string) => Promise<T>,
  store: (content: T) => Promise<void>,
): Promise<Chosen<T>> => {
  // What a workspace is pinned to need not be in the catalogue, or not any more.
  if (pin && !pin.upgrade && (await current().catch(() => undefined))?.digest !== pin.digest)
    return { content: await kept(pin.digest), from: 'kept', upgradedFrom: null };
  const found = await current();
  await store(found);
  const upgradedFrom = pin && pin.digest !== found.digest ? pin.digest : null;
  return { content: found, from: 'catalogue', upgradedFrom };
};

/**
 * The module of a user's own repository, kept by its digest like any other: what is applied is what was planned.
 *
 * @throws InvalidInputError when it is called as a module of the catalogue.
 */
export const chooseGitModule = async (
  { artifacts, contentRoot }: Sources,
  name: string,
  source: GitSource,
  pin: Pin | null | undefined,
  fetch: () => Promise<Content>,
): Promise<Chosen<Content>> => {
  if (await readContent(contentRoot, 'module', name).catch(() => undefined))
    throw new InvalidInputError(
      `The catalogue has a module ${name}: call the one from ${source.git} something else.`,
    );
  const content = await fetch();
  await keep(artifacts, content);
  return { content, from: source, upgradedFrom: pin && pin.digest !== content.digest ? pin.digest : null };
};

/** The module to plan with: what the workspace is pinned to, unless an upgrade is asked for; else the catalogue's. */
export const chooseModule = (
  { artifacts, contentRoot }: Sources,
  name: string,
  pin: Pin | null | undefined,
): Promise<Chosen<Content>> =>
  choose(
    pin,
    () => readContent(contentRoot, 'module', name),
    (digest) => readKeptModule(artifacts, name, digest),
    (content) => keep(artifacts, content),
  );

/** The role to check with; see {@link chooseModule}. */
export const chooseRole = (
  { artifacts, contentRoot }: Sources,
  name: string,
  pin: Pin | null | undefined,
): Promise<Chosen<RoleContent>> =>
  choose(
    pin,
    () => readRole(contentRoot, name),
    (digest) => readKeptRole(artifacts, name, digest),
    async ({ roles, digest }) => {
      await Promise.all(roles.map((role) => keep(artifacts, role)));
      const listed = roles.map((role) => [role.name, role.digest]);
      await artifacts.putOnce(keyOf(digest), canonicalJson({ version: 1, roles: listed }));
    },
  );
