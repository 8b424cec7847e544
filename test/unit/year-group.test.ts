import { describe, expect, it } from 'vitest';
import { compareYearGroups, isKnownYearGroup, normaliseYearGroup } from '../../device/domain/year-group.ts';

describe('a year group as MISs and technicians spell it', () => {
  it.each([
    ['7', 'Year 7'],
    ['07', 'Year 7'],
    ['Year 7', 'Year 7'],
    ['year 07', 'Year 7'],
    ['  YEAR   7 ', 'Year 7'],
    ['Yr7', 'Year 7'],
    ['Yr. 7', 'Year 7'],
    ['Y7', 'Year 7'],
    ['Year Group 7', 'Year 7'],
    ['Blwyddyn 7', 'Year 7'],
    ['1', 'Year 1'],
    ['Y14', 'Year 14'],
    ['R', 'Reception'],
    ['reception', 'Reception'],
    ['Year R', 'Reception'],
    ['YR', 'Reception'],
    ['Derbyn', 'Reception'],
    ['N', 'Nursery'],
    ['N1', 'Nursery'],
    ['N2', 'Nursery'],
    ['Nursery', 'Nursery'],
    ['Nursery 2', 'Nursery'],
    ['Meithrin', 'Nursery'],
    // The school's own words stay.
    ['Lower Sixth', 'Lower Sixth'],
    [' Willow  Class ', 'Willow Class'],
    ['7A', '7A'],
    ['0', '0'],
    ['15', '15'],
    ['Year 99', 'Year 99'],
    ['Year', 'Year'],
    ['Rowan', 'Rowan'],
    ['Newton', 'Newton'],
  ])('%j is %j', (given, expected) => {
    expect(normaliseYearGroup(given)).toBe(expected);
    expect(normaliseYearGroup(expected)).toBe(expected);
  });

  it('is missing when there is nothing but space', () => {
    expect(normaliseYearGroup(' \t')).toBeNull();
    expect(normaliseYearGroup('')).toBeNull();
  });

  it("is known or the school's own", () => {
    expect(['Nursery', 'Reception', 'Year 1', 'Year 14'].map(isKnownYearGroup)).toEqual([true, true, true, true]);
    expect(['Lower Sixth', 'Year 15', 'Year 99', 'year 1'].map(isKnownYearGroup)).toEqual([false, false, false, false]);
  });
});

it('year groups stand in school order, own words after them by the alphabet', () => {
  const order = ['Nursery', 'Reception', 'Year 1', 'Year 2', 'Year 10', 'Year 14', 'Ash 2', 'ash 10', 'Éire', 'Willow'];
  expect([...order].reverse().sort(compareYearGroups)).toEqual(order);
});
