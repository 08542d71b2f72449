// Who signs the explorer's packages: a key and its certificate that are the same in every process, so that the same seed gives the
// same bytes. RSA, as no chance is in its signatures (PKCS #1 1.5). It guards nothing.
import { createPrivateKey, type KeyObject } from 'node:crypto';

export const SIGNING_KEY: KeyObject = createPrivateKey({
  format: 'jwk',
  key: {
    kty: 'RSA',
    n:
      'mhq_UCKq7TyR2m_il2P4G1cnDccIAm3aoswA7SKaUImull0emNFHN-Lfbwa38IlPz3AOInKMCZbqz6IB_Hkkk6Otf_u2YdOQFnEIjk3S17WiZQ' +
      'ALYbpkZWrYuoQUR4g2Z4v-ocWIqcWWwUrtvBhvtzSJrD1tBIruFi64c9riBJE',
    e: 'AQAB',
    d:
      'eLu14UGX6o_GsX1w6CzxR_JK7ZdeZhDM9zifDSpL_gcwWiuQeieUBWvgo2p_F5tshNeEq2ZU4npzcsK5jaUXisCrzFAEDPTjHTYNe1IfdK_xJm' +
      'g4DCsoQHGp4M-0OZMe28LkyraFyPjPcl97Z8e_GSuambug_I8YxyD77mgIqvU',
    p: 'yn6ijyuYlKDFvKlZTedR8MF86OBQoHJRhbzX5v8-FNQq9Jgp1cMvfc354Bj_0BLS0V0aA9zcp2WLoNlPk9l9Aw',
    q: 'wtLZwVwwL0OL1M_C63Q_DB9iB0BDy_gnColMSAw9jSsl9jQ6TfjdWhNNUD9VEHEcPFhgHZlE4ZttNqX7THex2w',
    dp: 'Rham9Z9FZMxxJOgI_Sn_9rFCJujdf2uSRBQlNtNKDbOSWq8Aa_jvS0AsKSD-Cms5hTYQdx3PUjGXrskI_kfdOQ',
    dq: 'wFFP79ZHIoD1KfClo7QvAJKCPFIuGs0uDPKXwI-EuzQa1z2bSJkgOOjQ6yR5ni9qBg_fYZiJLIQ3fTjAJy4I_Q',
    qi: 'FkdVQbjr_90R-rcKvig6F7QvQKVGCHiiJIQ74iZ2ENarFR1cK0CDC0prXlZrug69i0qQXJj6uqpDi8U0rwehDg'
  }
});

/** Of 2024 to 2123, in PEM. */
export const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIB4DCCAUmgAwIBAgIBATANBgkqhkiG9w0BAQsFADAbMRkwFwYDVQQDDBBzaGVs',
  'dmVyIGV4cGxvcmVyMCAXDTI0MDEwMTAwMDAwMFoYDzIxMjQwMTAxMDAwMDAwWjAb',
  'MRkwFwYDVQQDDBBzaGVsdmVyIGV4cGxvcmVyMIGfMA0GCSqGSIb3DQEBAQUAA4GN',
  'ADCBiQKBgQCaGr9QIqrtPJHab+KXY/gbVycNxwgCbdqizADtIppQia6WXR6Y0Uc3',
  '4t9vBrfwiU/PcA4icowJlurPogH8eSSTo61/+7Zh05AWcQiOTdLXtaJlAAthumRl',
  'ati6hBRHiDZni/6hxYipxZbBSu28GG+3NImsPW0Eiu4WLrhz2uIEkQIDAQABozIw',
  'MDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBQkJFcno/dQHbogjJMb9ag3asQr',
  'yDANBgkqhkiG9w0BAQsFAAOBgQAwJhVgm7lziGRx7Kj3ZbWXYIxCSJp++keeOv0m',
  'qC1j9izJR9b/OjqYNJU3PuwgeUFSHUJ0ESNirzADf4YjwRRik+ntRVz/WPzgC3/Z',
  'htwG1euP7TmfNlDQ42A8oCSEz2lHxbzre14tdaRM1DT+vCXCX0/03vtvqqLXNpa1',
  'wVLrJA==',
  '-----END CERTIFICATE-----',
  ''
].join('\n');
