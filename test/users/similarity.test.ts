import { isSimilar } from '../../src/modules/users/similarity.js';

/** Each verdict is that of Django's UserAttributeSimilarityValidator. */
describe('the likeness of a password to a name', () => {
  test.each([
    ['Alice1990', 'alice'],
    ['alice1990', 'alice@example.com'],
    ['ecila987', 'alice'],
    ['testclient', 'testclient'],
    ['client@test', 'testclient'],
    ['lice@example', 'alice@example.com'],
    ['example1', 'alice@example.com'],
    ['hypatia-of-1', 'hypatia.of'],
    ['müller12', 'müller.hans'],
    ['x_y_z_123', 'x_y_z'],
    ['jane.doe.77', 'jane.doe'],
    ['passwordabc', 'postmaster@drowssap.org'],
  ])('%s is like %s', (password, value) => {
    expect(isSimilar(password, value)).toBe(true);
  });

  test.each([
    ['correct horse of alice', 'alice'],
    ['correct horse of alice', 'alice@example.com'],
    ['correct horse of administrator', 'administrator'],
    ['correct horse of stranger', 'stranger@example.com'],
    ['a long sentence is best', 'carol@example.com'],
    ['Straße99', 'STRASSE'],
    ['77jane77', 'jane.doe'],
    ['zx9qv!Kp', 'zx'],
    ['aaaaaaaaa', 'a'],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', 'a'],
  ])('%s is not like %s', (password, value) => {
    expect(isSimilar(password, value)).toBe(false);
  });
});
