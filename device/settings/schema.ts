/**
 * The technician file: every name, kind, range, default and meaning, in one place. What is checked across keys is in
 * `checks.ts`, what a single table promises (its order of times, what excludes what) stands here with the table.
 */
import * as v from 'valibot';
import { reasonIconNames } from '../domain/reason-icons.ts';
import {
  baseUrl,
  choice,
  documented,
  key,
  list,
  matching,
  secret,
  someOf,
  table,
  text,
  time,
  timeZone,
  whole,
  yearGroups,
  yesNo,
} from './kinds.ts';
import { times } from './schema-times.ts';

/** One text per language of the school. */
function localText(most: number, meaning: string) {
  return table({
    en: v.exactOptional(key(text(most), `${meaning}, in English`)),
    cy: v.exactOptional(key(text(most), `${meaning}, in Welsh`)),
  });
}

const backDoc = [
  '"ask", "not-today" or a number of minutes from 5 to 480',
  'leave only: is the pupil asked when it comes back, or does the reason say',
] as const;
const minutesAway = documented(whole(5, 480), ...backDoc);
const answer = documented(choice(['ask', 'not-today']), ...backDoc);
const back = v.lazy((input) => (typeof input === 'number' ? minutesAway : answer));

const reason = table({
  id: key(
    matching(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a short name of a to z, 0 to 9 and -'),
    'its name in records, for ever',
  ),
  kind: key(choice(['late', 'leave']), 'why a pupil is late, or why it leaves'),
  label: localText(40, 'the words on its tile'),
  icon: v.optional(key(choice(reasonIconNames), 'the picture on its tile')),
  code: v.optional(
    table({
      before_close: v.optional(
        key(text(4, 'an attendance code'), 'late only: the code while the register is open'),
        'L',
      ),
      after_close: v.optional(
        key(text(4, 'an attendance code or "none"'), 'late only: the code after it closed; "none": the office decides'),
        'none',
      ),
    }),
    {},
  ),
  later_session_code: v.optional(
    key(text(4, 'an attendance code or "none"'), 'leave only: the code proposed for a later session that is missed'),
    'none',
  ),
  back: v.optional(back, 'ask'),
});

const school = table({
  name: key(text(60), 'as on every screen'),
  nation: v.optional(key(choice(['england', 'wales']), 'whose table of attendance codes holds'), 'england'),
  time_zone: v.optional(key(timeZone(), 'the zone of every time in this file'), 'Europe/London'),
  languages: v.optional(
    key(someOf(['en', 'cy'], 'a list such as ["en"] or ["en", "cy"]'), 'of the kiosk; the first is the default'),
    ['en'],
  ),
  accent: v.optional(
    key(matching(/^#[0-9a-fA-F]{6}$/, 'a colour such as "#1d5f8a"'), "the school's colour on the screens"),
    '#1d5f8a',
  ),
  badge_key: v.optional(
    key(secret(16, 256), 'shared by the boxes of one school; each box makes its own when not given'),
  ),
});

const box = table({
  id: v.optional(key(whole(0, 9), 'first digit of its badge IDs, its own in a school of several boxes'), 1),
  name: v.optional(key(text(40), 'what staff call it'), 'Main reception'),
});

const late = table({
  after_close: v.optional(
    key(choice(['office', 'code']), "arrivals after close: a proposal for staff, or the reason's after_close code"),
    'office',
  ),
  replace_present: v.optional(key(yesNo(), 'may an L replace / or \\ while the register is open'), true),
  repeat_times: v.optional(
    key(whole(2, 100, 'times'), 'a pupil who was late so often in the time of a report is named in it'),
    5,
  ),
  hold_seconds: v.optional(key(whole(0, 3600, 'seconds'), 'held before a mark may be sent'), 60),
  comes_and_goes: v.optional(key(yearGroups(), 'year groups without lateness'), []),
  where_next: v.optional(localText(120, 'where to go after signing in'), {
    en: 'Go to your form room.',
    cy: "Ewch i'ch ystafell gofrestru.",
  }),
});

const primary = [1, 2, 3, 4, 5, 6].map((year) => `Year ${year}`);
const leave = table({
  approval: v.optional(
    table({
      year_groups: v.optional(key(yearGroups(), 'these year groups leave only when staff let them go'), [
        'Nursery',
        'Reception',
        ...primary,
      ]),
      reasons: v.optional(
        key(list(text(32), 'a list of reason ids such as ["unwell"]'), 'so does everyone with one of these reasons'),
        ['unwell', 'tell-staff'],
      ),
    }),
    {},
  ),
  ask_with_whom: v.optional(
    key(choice(['approval', 'always', 'never']), 'when "Who are you going with?" is asked'),
    'approval',
  ),
  write_later_session: v.optional(key(yesNo(), "write a reason's later-session code, not only propose it"), false),
});

const mis = table({
  connector: key(
    choice(['wonde', 'none'], '"wonde" or "none" ("arbor" and "filedrop" are not built yet)'),
    'how marks reach the MIS; "none": day sheet only',
  ),
  base_url: v.optional(key(baseUrl(), 'where Wonde answers'), 'https://api.wonde.com/v1.0'),
  school_id: v.optional(
    key(
      matching(/^[A-Za-z0-9._-]{1,64}$/, 'the school\'s Wonde id such as "A1930499544"'),
      'needed with Wonde: which school',
    ),
  ),
  token: v.optional(key(secret(1, 4096), 'Wonde: the access token; or token_file')),
  token_file: v.optional(key(text(1024, 'the path of a file'), 'Wonde: a file that holds the token and nothing else')),
  write_back: v.optional(key(yesNo(), 'false: read only, marks go to the day sheet'), true),
});

const roster = table({
  source: v.optional(key(choice(['mis', 'csv']), 'where the pupils come from; "csv" where the connector is "none"')),
  csv: v.optional(key(text(1024, 'the name of a file'), 'the CSV file, beside this one'), 'roster.csv'),
  refresh: v.optional(key(time(), 'read anew every day at'), '02:30'),
  off_kiosk: v.optional(key(yearGroups(), 'year groups that the kiosk never shows'), ['Nursery']),
});

const pin = (colour: string) => key(whole(0, 27), `BCM number of the ${colour} light`);
const usbId = (what: string) => key(whole(0, 0xffff), `USB ${what} id, where the printer is not found by itself`);
const hardware = table({
  printer: v.optional(
    table({
      kind: v.optional(key(choice(['usb', 'simulated', 'none']), 'the badge printer'), 'usb'),
      paper_mm: v.optional(documented(v.picklist([58, 80]), '58 or 80', 'width of the paper, millimetres'), 58),
      vendor: v.optional(usbId('vendor')),
      product: v.optional(usbId('product')),
      density: v.optional(key(whole(-6, 6), "how dark it prints, 0 as built; the printer's own when not given")),
      cut: v.optional(key(yesNo(), 'has it a cutter'), false),
    }),
    {},
  ),
  camera: v.optional(
    table({
      kind: v.optional(key(choice(['auto', 'libcamera', 'v4l2', 'simulated', 'none']), 'the camera'), 'auto'),
    }),
    {},
  ),
  lights: v.optional(
    v.pipe(
      table({
        kind: v.optional(key(choice(['gpio', 'simulated', 'none']), 'the three status lights'), 'gpio'),
        green: v.optional(pin('green'), 17),
        amber: v.optional(pin('amber'), 27),
        red: v.optional(pin('red'), 22),
        active_low: v.optional(key(yesNo(), 'a light is on when its pin is low'), false),
      }),
      v.check((given) => new Set([given.green, given.amber, given.red]).size === 3, 'three different pins'),
    ),
    {},
  ),
});

const badge = table({
  photo: v.optional(key(yesNo(), 'print the photo'), false),
  school_name: v.optional(key(yesNo(), "print the school's name"), false),
  registration_group: v.optional(key(yesNo(), 'print the registration group'), false),
});

const port = (meaning: string) => key(whole(0, 65_535), `${meaning}; 0: any free one`);
const filePath = (meaning: string) => v.optional(key(text(1024, 'the path of a file'), meaning));
const web = v.pipe(
  table({
    kiosk_port: v.optional(port('the kiosk page, on this machine only'), 8080),
    staff_port: v.optional(port('the staff page, HTTPS'), 8443),
    staff_bind: v.optional(
      v.pipe(
        v.string(),
        v.ip(),
        v.title('an IP address such as "0.0.0.0"'),
        v.description('where the staff page listens'),
      ),
      '0.0.0.0',
    ),
    tls_cert: filePath("the school's own certificate, PEM; with tls_key"),
    tls_key: filePath('its key, PEM'),
  }),
  v.check((given) => given.kiosk_port === 0 || given.kiosk_port !== given.staff_port, 'two different ports'),
  v.check(
    (given) => (given.tls_cert === undefined) === (given.tls_key === undefined),
    '"tls_cert" and "tls_key", or neither',
  ),
);

const eventsDoc = ['"school-year" or a whole number from 30 to 400 days', 'how long movements are kept'] as const;
const eventDays = documented(whole(30, 400), ...eventsDoc);
const schoolYear = documented(choice(['school-year']), ...eventsDoc);
const keep = table({
  photos: v.optional(key(choice(['same-day', 'next-school-day']), 'when photos go'), 'next-school-day'),
  events: v.optional(
    v.lazy((input) => (typeof input === 'number' ? eventDays : schoolYear)),
    'school-year',
  ),
});

const clock = table({
  trust: v.optional(
    key(choice(['auto', 'system']), 'auto: only when synchronised, where that can be told; system: always'),
    'auto',
  ),
});

const password = (most: number) =>
  matching(new RegExp(`^\\P{Cc}{1,${most}}$`, 'u'), `a text of 1 to ${most} characters`);
const proxyWords = 'an address such as "http://proxy:3128"';
const address = () => text(255, 'a host name or an address');
// Applied by the image (first boot), not by the daemon: validated here so that one check tells everything.
const network = table({
  hostname: v.optional(
    key(
      matching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'a host name of letters, digits and -'),
      'the box on the network',
    ),
    'porter',
  ),
  wifi: v.optional(
    table({
      ssid: key(text(32), 'name of the wireless network'),
      psk: v.optional(key(password(64), 'its password')),
      eap: v.optional(
        table({
          method: v.optional(key(choice(['peap', 'ttls']), 'of 802.1X'), 'peap'),
          identity: key(text(255), 'user name'),
          password: key(password(255), 'its password'),
        }),
      ),
    }),
  ),
  ethernet: v.optional(
    table({
      address: key(matching(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'an address such as "10.1.2.3/24"'), 'fixed address'),
      gateway: v.optional(key(address(), 'the router')),
      dns: v.optional(key(list(address(), 'a list of addresses'), 'name servers'), []),
    }),
  ),
  ntp: v.optional(key(list(address(), 'a list of host names or addresses'), 'time servers'), []),
  proxy: v.optional(
    key(
      v.pipe(
        text(1024, proxyWords),
        v.check((words) => URL.canParse(words) && new URL(words).protocol === 'http:', proxyWords),
        v.title(proxyWords),
      ),
      'for everything that leaves the school',
    ),
  ),
  ca_file: filePath(
    "the school's own certificate authorities, one PEM beside this file: that of its filter, that of 802.1X",
  ),
  ssh_keys: v.optional(key(list(text(4096), 'a list of public keys'), 'who may log in; nobody when empty'), []),
});

const update = table({
  url: v.optional(
    v.pipe(
      v.string(),
      v.check((words) => words === '' || (words.startsWith('https://') && URL.canParse(words))),
      v.title('an https:// address or ""'),
      v.description(
        'where updates are looked for every day: the file that scripts/image bundle describes one in; "": USB stick only',
      ),
    ),
    '',
  ),
});

/** `school` and `mis` are there, if empty, before this is asked: what they lack is then named key by key. */
export const fileSchema = table({
  school,
  box: v.optional(box, {}),
  times: v.optional(times, {}),
  late: v.optional(late, {}),
  leave: v.optional(leave, {}),
  reason: v.optional(v.array(reason), []),
  mis,
  roster: v.optional(roster, {}),
  hardware: v.optional(hardware, {}),
  badge: v.optional(badge, {}),
  web: v.optional(web, {}),
  keep: v.optional(keep, {}),
  clock: v.optional(clock, {}),
  network: v.optional(network, {}),
  update: v.optional(update, {}),
});

/** The file as checked, every default filled in, still in the file's own names. */
export type FileValues = v.InferOutput<typeof fileSchema>;

/** Keys that hold a secret: never shown, not part of the settings version, may be `"(stored)"`. */
export const secretKeys = ['school.badge_key', 'mis.token', 'network.wifi.psk', 'network.wifi.eap.password'] as const;
export type SecretKey = (typeof secretKeys)[number];
