/** The linters find what is wrong, and are silent about what is right. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cfnLint, shellcheck } from './harness/linters';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ai-margin-lint-')); });
afterAll(() => rmSync(folder, { recursive: true }));

const template = (resource: object): string => {
  const path = join(folder, 'T.template.json');
  writeFileSync(path, JSON.stringify({ Resources: { One: resource } }));
  return path;
};

describe('cfn-lint', () => {
  test('finds a misspelt property and a wrong type of value', () => {
    expect(cfnLint(template({ Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: '0', MaxSize: 'many', MaxSise: '4' } })))
      .toEqual(expect.arrayContaining([expect.stringContaining('MaxSise')]));
  });
  test('is silent about a good template', () => {
    expect(cfnLint(template({ Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'fine' } }))).toEqual([]);
  });
  test('a template that is not there is a finding, and a wrong call is a failure: neither is clean', () => {
    expect(cfnLint(join(folder, 'nowhere.template.json'))).toEqual([expect.stringContaining('E0003')]);
    expect(() => cfnLint(template({ Type: 'AWS::SNS::Topic' }), 'nowhere-1')).toThrow('cfn-lint could not run');
  });
});

describe('shellcheck', () => {
  test('finds an unquoted variable and a test that always holds', () => {
    expect(shellcheck('#!/bin/bash\nrm -rf $1\n')).toEqual([expect.stringContaining('SC2086')]);
    expect(shellcheck('#!/bin/bash\n[ "$1"="x" ] && exit 1\n')).toEqual([expect.stringContaining('SC2077')]);
  });
  test('is silent about a good script', () => {
    expect(shellcheck('#!/bin/bash\nset -eu\necho ECS_CLUSTER=one >> /etc/ecs/ecs.config\n')).toEqual([]);
  });
});
