/** Reads a synthesized app (cdk.out, stages followed) or single templates from disk. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors';
import { Template, isRecord, parseTemplate } from '../estimate/template';
import { ReadStack } from './stack';

export type Parse = (text: string, file: string) => unknown;

export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** The stacks of a cdk.out folder or of one template; a folder without stacks is refused. */
export function readApp(location: string, parse: Parse = parseJson): ReadStack[] {
  if (!existsSync(location)) throw new InputError(`${location} does not exist; give a cdk.out folder or a CloudFormation template.`);
  if (!statSync(location).isDirectory()) return [readTemplate(location, undefined, basename(location).replace(/\.(template\.)?(json|ya?ml|template)$/, ''), parse)];
  const stacks = readAssembly(resolve(location), '');
  if (stacks.length === 0) throw new InputError(`${location} holds no stacks; run cdk synth first, or name the folder it wrote.`);
  return stacks;
}

export function readTemplate(file: string, region: string | undefined, name: string, parse: Parse = parseJson): ReadStack {
  const template = parseTemplate(parse(readText(file), file), file);
  return { name, region, template, nested: nestedIn(dirname(file)) };
}

function readAssembly(folder: string, stage: string, above: readonly string[] = []): ReadStack[] {
  if (above.includes(folder)) throw new InputError(`${folder} names itself as one of its stages.`);
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) throw new InputError(`${folder} is not a cdk.out folder: it has no manifest.json. Run cdk synth first.`);
  const manifest = parseJson(readText(file), file);
  const artifacts = isRecord(manifest) && isRecord(manifest.artifacts) ? manifest.artifacts : {};
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    if (!isRecord(artifact)) return [];
    const properties = isRecord(artifact.properties) ? artifact.properties : {};
    if (artifact.type === 'cdk:cloud-assembly' && typeof properties.directoryName === 'string') {
      const name = typeof properties.displayName === 'string' ? properties.displayName : id;
      return readAssembly(inside(folder, properties.directoryName), name, [...above, folder]);
    }
    if (artifact.type !== 'aws:cloudformation:stack' || typeof properties.templateFile !== 'string') return [];
    const name = typeof artifact.displayName === 'string' ? artifact.displayName : stage ? `${stage}/${id}` : id;
    return [readTemplate(inside(folder, properties.templateFile), regionOf(artifact.environment), name)];
  });
}

/** `aws://account/region`; the CDK writes unknown-region for environment-agnostic stacks. */
function regionOf(environment: unknown): string | undefined {
  const region = typeof environment === 'string' ? environment.split('/').at(-1) : undefined;
  return region === undefined || region === 'unknown-region' ? undefined : region;
}

/** The CDK names a nested template in the metadata of its resource or, with that switched off, by the hash in its URL. */
function nestedIn(folder: string) {
  let byHash: Map<string, string> | undefined;
  const read = new Map<string, Template>();
  return (template: Template, logicalId: string): Template | undefined => {
    const resource = template.Resources[logicalId];
    const named = resource?.Metadata?.['aws:asset:path'];
    byHash ??= fileAssets(folder);
    const url = JSON.stringify(resource?.Properties?.TemplateURL ?? '');
    const hash = typeof named === 'string' ? undefined : /[0-9a-f]{64}/.exec(url)?.[0];
    const asset = typeof named === 'string' ? named : hash && byHash.get(hash);
    if (!asset) return undefined;
    const file = inside(folder, asset);
    if (!read.has(file) && existsSync(file)) read.set(file, parseTemplate(parseJson(readText(file), file), file));
    return read.get(file);
  };
}

/** Hash -> file of the assets beside the templates. */
function fileAssets(folder: string): Map<string, string> {
  const manifests = readdirSync(folder).filter(name => name.endsWith('.assets.json'));
  return new Map(manifests.flatMap(name => {
    const manifest = parseJson(readText(join(folder, name)), join(folder, name));
    const files = isRecord(manifest) && isRecord(manifest.files) ? manifest.files : {};
    return Object.entries(files).flatMap(([hash, asset]) =>
      isRecord(asset) && isRecord(asset.source) && typeof asset.source.path === 'string' ? [[hash, asset.source.path] as const] : []);
  }));
}

/** A manifest names files beside itself; one that points elsewhere is not followed. */
function inside(folder: string, name: string): string {
  const file = resolve(folder, name);
  if (relative(resolve(folder), file).startsWith('..')) throw new InputError(`${folder} names ${name}, which is outside of it.`);
  return file;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
