import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inDialect, PROFILES, profileNamed, profileOfVersion } from '../../src/servers/profiles.ts';

describe('server profiles', () => {
  it.each([
    ['8.0', '8.0'],
    ['8.0.2', '8.0'],
    ['9.x', '9.0'],
    ['9.1', '9.0'],
    ['6.7', '6.7'],
    ['7.0.3', '7.0'],
    ['vcsim', 'vcsim'],
    ['beta', undefined],
    ['toString', undefined],
    ['5.5', undefined]
  ])('named %s should be %s', (name, expected) => {
    expect(profileNamed(name)?.name).toBe(expected);
  });

  it.each([
    ['8.0.3.00100', '8.0'],
    ['6.5.0.42000', '6.5'],
    ['6.6.9', '6.5'],
    ['12.4.1', '9.0'],
    ['6.0.0', '6.0'],
    ['5.5.0', undefined],
    ['?', undefined]
  ])('of a server that says it is %s should be %s', (version, expected) => {
    expect(profileOfVersion(version)?.name).toBe(expected);
  });

  it('should be JSON, each under its own name', () => {
    for (const [name, profile] of Object.entries(PROFILES)) {
      expect(profile.name).toBe(name);
      expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
    }
  });

  it('should put tokens where the other dialect looks for them', () => {
    expect(inDialect(PROFILES['8.0'], 'rest')).toMatchObject({ name: '8.0', dialect: 'rest', tokenPlace: 'body' });
    expect(inDialect(PROFILES['6.7'], 'api')).toMatchObject({ name: '6.7', dialect: 'api', tokenPlace: 'query' });
    expect(inDialect(PROFILES['8.0'], 'api')).toBe(PROFILES['8.0']);
    expect(inDialect(PROFILES.vcsim, 'api')).toMatchObject({ dialect: 'api', tokenPlace: 'none' });
  });

  it('should never be newer than the version that was stated', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (major, minor) => {
        const stated = major * 100 + minor;
        const found = profileOfVersion(`${major}.${minor}.0`);
        const [ownMajor, ownMinor] = (found?.name ?? '0.0').split('.').map(Number) as [number, number];
        expect(ownMajor * 100 + ownMinor).toBeLessThanOrEqual(stated);
        expect(found === undefined).toBe(stated < 600);
      })
    );
  });
});
