/**
 * Numbers that cost more than a call, as beginnings in E.164: a trunk carries them only where its operator names them.
 *
 * Sources: the list of country codes and global services of Recommendation ITU-T E.164 (the first group), and the
 * numbering plans of the countries, as their regulators publish them and deposit them with the ITU (E.129): NANPA, Ofcom,
 * Bundesnetzagentur, ARCEP, CNMC, AGCOM, ACM, BIPT, BAKOM, RTR, PTS, SDFI, Nkom, Traficom, UKE, ANACOM, ComReg, ACMA, MIC.
 */

// prettier-ignore
export const barredPrefixes: readonly string[] = [
  // Satellites and networks without a country; shared cost, personal and premium numbers of the world.
  '+870', '+881', '+882', '+883', '+888', '+878', '+808', '+979',
  // North America: pay per call.
  '+1900', '+1976',
  // United Kingdom: premium, shared cost, personal numbers.
  '+449', '+44871', '+44872', '+44873', '+4470',
  // Germany, Austria, Switzerland.
  '+49900', '+49137', '+491806', '+49118', '+43900', '+43901', '+43930', '+43931', '+43939', '+41900', '+41901', '+41906',
  // France, Spain, Portugal, Italy.
  '+3381', '+3382', '+3389', '+34803', '+34806', '+34807', '+34905', '+351601', '+351607', '+351646', '+351760', '+39892', '+39893', '+39894', '+39895', '+39899',
  // Netherlands, Belgium, Ireland.
  '+31900', '+31906', '+31909', '+3290', '+35315',
  // Sweden, Denmark, Norway, Finland, Poland.
  '+46900', '+46939', '+46944', '+4590', '+47820', '+47829', '+358600', '+358700', '+4870',
  // Australia, New Zealand, Japan.
  '+61190', '+64900', '+81990',
]

/**
 * Emergency numbers of the world: 112, 911, 999 and 000, and what countries have beside them. Source: Recommendation
 * ITU-T E.161.1, and the national numbers that its bulletin and the European Commission list.
 */
// prettier-ignore
export const emergencyNumbers: ReadonlySet<string> = new Set([
  '000', '060', '061', '062', '065', '066', '080', '091', '092', '100', '101', '102', '103', '104', '107', '108', '110',
  '111', '112', '113', '114', '115', '116', '117', '118', '119', '120', '122', '123', '125', '127', '128', '129', '130',
  '131', '132', '133', '140', '143', '144', '147', '150', '155', '158', '160', '166', '190', '191', '192', '193', '194',
  '195', '197', '198', '199', '911', '988', '990', '991', '993', '994', '995', '996', '997', '998', '999',
])
