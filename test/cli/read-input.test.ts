import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInput } from '../../cli/read-input';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-input-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = async (content: string | Uint8Array): Promise<string> => {
  const path = join(folder, 'input.json');
  await writeFile(path, content);
  return path;
};

test('reads an object from a file', async () => {
  expect(await readInput(await file('{"workspace":"demo/web"}'))).toEqual({ workspace: 'demo/web' });
});

test('says which file does not exist', async () => {
  await expect(readInput(join(folder, 'absent.json'))).rejects.toThrow(
    /^Cannot read the input .*absent\.json: there is no such file\.$/,
  );
});

test('says that a folder is no file', async () => {
  await expect(readInput(folder)).rejects.toThrow('it is a folder');
});

test('names the file with the line and column of what is wrong', async () => {
  await expect(readInput(await file('{\n "a": }'))).rejects.toThrow(
    /input\.json: Expected a JSON value \(line 2, column 7\)\.$/,
  );
});

test.each(['[]', 'null', '"text"', '3'])('refuses %s, which is no object', async (text) => {
  await expect(readInput(await file(text))).rejects.toThrow('must be a JSON object');
});

test('refuses two megabytes after reading little more than a run takes', async () => {
  await expect(readInput(await file('x'.repeat(2_000_000)))).rejects.toThrow('larger than 32768 bytes');
});

test('refuses an endless device', async () => {
  await expect(readInput('/dev/zero')).rejects.toThrow('larger than 32768 bytes');
});

test('shows no control characters of a path', async () => {
  await expect(readInput('\u001b[31mred')).rejects.toThrow('Cannot read the input \ufffd[31mred');
});
