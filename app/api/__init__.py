"""The API, version 1: songs, pictures, films, jobs and uploads under `/api/v1`. The wizard's own JavaScript uses it too.

Every answer is JSON unless said otherwise; every error is `application/problem+json` (RFC 9457): `{type, title, status, detail}`,
`detail` being the sentence for a person. Times are RFC 3339 in UTC. Lists: `?limit=1..100&cursor=...&q=...&album=ID&tag=...`,
answered by `{items, next_cursor}` with a `Link: <...>; rel="next"` header. A person is a signed cookie, the same as on the pages;
a client without one gets its own. On a server with accounts it is the cookie of a sign-in, and without one the answer is 401.
Unsafe methods: what a browser sends from another site is refused (403). No CSRF token is needed.
`Idempotency-Key` on any POST but `/library/zip`, which changes nothing, and a live camera's pictures: the same key
and body give the same answer again, another body gives 422.

| method and path | body | answer |
|---|---|---|
| GET /account | | 200 {accounts, name, role, created_at}: who asks; null where nobody needs an account |
| GET /limits | | 200 Limits |
| GET /voices | | 200 {voices: [{name, title, language, gender, available, ...}]} |
| GET /voices/NAME/sample | | 200/206 audio/wav: a sentence in that voice |
| GET /songs | | 200 {items: [Song], next_cursor} |
| POST /songs | multipart: file, title? | 201 Song, Location; 202 Inspection, Location |
| GET /songs/ID | | 200 Song |
| PATCH /songs/ID | {title} | 200 Song |
| DELETE /songs/ID | | 204; hidden for a day, then destroyed |
| POST /songs/ID/restore | | 200 Song, which was deleted within the last day |
| POST /songs/ID/erase | | 204; destroyed at once, deleted before or not |
| GET /songs/ID/file | ?download=1 | 200/206 the song itself (Range) |
| GET /songs/ID/waveform | | 200 {duration_s, peaks: [0..1, at most 800]} |
| GET /songs/ID/intensity | ?start_s=&duration_s= | 200 SongIntensity, 202 while it is being found |
| GET /pictures, POST, GET /ID, PATCH, DELETE, POST /ID/restore, POST /ID/erase, GET /ID/file: as for songs, with Picture |
| GET /pictures/ID/thumbnail | | 200 a small JPEG |
| GET /clips ..., GET /clips/ID/thumbnail: as for pictures, with Clip |
| GET /clips/ID/faces | ?start_s=&duration_s= | 200 FilmFaces, 202 while they are being found |
| GET /clips/ID/faces/N/thumbnail | ?start_s=&duration_s= | 200 a small JPEG of one person |
| GET /films | | 200 {items: [Film], next_cursor} |
| POST /films | {song_id, picture_id, options?: Options, | 202 {film: Film, created}, Location: the job; |
| | title?} | 200 (Location: the film) where it is there |
| POST /films/batch | {song_ids, picture_ids, options?} | 202 {orders: [{film, created}]} |
| POST /films/ID/again | {song_id?, picture_id?, options?} the changes | as POST /films |
| GET /films/ID, PATCH {title}, DELETE | 200 Film, 200 Film, 204 |
| POST /films/ID/restore, POST /films/ID/erase | | 200 Film, 204 |
| GET /films/ID/file | ?download=1 | 200/206 video/mp4 (Range); 409 while unfinished |
| GET /films/ID/quality | | 200 text/html: the quality report; 404 till then|
| GET /kinds | | 200 {kinds: [Kind]}: the kinds of work |
| GET /works | ?kind= | 200 {items: [Work], next_cursor}, films among them |
| POST /works | {kind, inputs: {role: asset id}, options?} | 202 {work: Work, created}; 200 where it is there |
| GET /works/ID, DELETE, POST /ID/restore, POST /ID/erase | | as for films, with Work |
| GET /works/ID/glimpse, /clips/ID/glimpse | | 200/206 video/mp4: a few silent seconds, small |
| GET /works/ID/thumbnail | | 200 a small JPEG of what it was made of |
| GET /works/ID/files/ROLE | ?download=1 | 200/206 a file that was made (Range) |
| POST /works/ID/exports | {kind, options?} | 202 Export, 200 where it is there |
| GET /works/ID/exports, GET /works/ID/exports/ID | | 200 {items: [Export]}, 200 Export |
| GET /works/ID/exports/ID/files/ROLE | ?download=1 | 200/206 a file of it (Range) |
| GET /works/ID/words, PUT {lines} | | 200 Words: those of a song, corrected |
| GET /jobs | ?state=queued..cancelled | 200 {items: [Job], next_cursor} |
| GET /jobs/ID | | 200 Job |
| POST /jobs/ID/cancel | | 202 Job |
| POST /jobs/ID/move | {before: job id or null} | 200 {items: [Job]}: those that wait, in order |
| GET /jobs/ID/events | Last-Event-ID | 200 text/event-stream, see below |
| POST /uploads | {kind: "song"|"picture"|"clip", file_name, size_bytes}| 201 Upload, Location |
| GET /uploads/ID, HEAD | | 200 Upload; headers Upload-Offset, Upload-Length|
| PATCH /uploads/ID | bytes; Upload-Offset: where they begin | 204, Upload-Offset; 409 with the right offset |
| POST /uploads/ID/finish | {title?} | 201 Song, Picture or Clip, or 202 Inspection |
| GET /inspections/ID | | 200 Inspection: how far the look at a file is |
| DELETE /uploads/ID | | 204 |
| GET /storage | | 200 Storage: how much is kept, by kind |
| GET /library/matches | ?part=songs&q=... | 200 {items: [{id, size_bytes}]}: all that match |
| POST /library/zip | {works?, songs?, pictures?, clips?}: ids | 200 application/zip, written while it is sent |
| POST /library/delete | the same | 200 {count, deleted_at}: all of it, or nothing |
| POST /library/restore | {deleted_at} | 200 {count}: brought back together |
| POST /library/tags | {chosen, add?: [tag], remove?: [tag]} | 200 {count} |
| GET /tags | ?begin= | 200 {items: [{tag, count}]}: those that begin so |
| GET /albums, POST {title} | | 200 {items: [Album]}, 201 Album |
| PATCH /albums/ID {title}, DELETE | | 200 Album, 204; what lay in it stays |
| POST /albums/ID/add, /remove | {works?, songs?, ...}: ids | 200 Album |
| GET /deleted | | 200 {items: [Deleted]}: what can be brought back |
| GET /live/health, /personas | | 200 {sessions, most}, {personas} |
| GET /live/sessions | | 200 {sessions: [LiveSession]} |
| POST /live/sessions | NewLiveSession: {portrait: {picture: id}, ...} | 201 {session, links}, Location; 429 where all are taken|
| GET /live/sessions/ID, DELETE | | 200 LiveSession, 204 |
| POST /live/sessions/ID/offer | {sdp, type: offer} | 200 {sdp, type: answer}: WebRTC |
| GET /live/sessions/ID/stream.mp4, stream.mjpeg | | 200 as long as one looks on |
| GET /live/sessions/ID/events | Last-Event-ID | 200 text/event-stream |
| POST /live/sessions/ID/say, /interrupt, /microphone | {text}; nothing; s16le 16 kHz | 202 |
| POST /live/sessions/ID/camera | a JPEG; ?anew=1 | 200 image/jpeg: what was drawn after it |
| POST /live/sessions/ID/recording, DELETE, GET | | 201, 204, 200 video/mp4 |
| GET /live/sessions/ID/transcript, /timeline | | 200 {said: [...]}, {sentences: [...]} |
| POST /live/reply, /speech, /emotion | NewReply, NewSpeech, {text} | 200 LiveReply, LiveSpeech, LiveEmotion |
| GET /openapi.json, /docs | | this, for machines and for people |

Song:    {id, title, size_bytes, mime, duration_s, created_at, links: {self, file, waveform}}
Picture: {id, title, size_bytes, mime, width, height, faces: [{number, box: [left, top, right, bottom] as parts 0..1, ok,
         reason: null|sentence}], drawing, turned, created_at, links: {self, file, thumbnail}}
Clip:    {id, title, size_bytes, mime, duration_s, width, height, created_at, links: {self, file, thumbnail}}
Deleted: {kind: film|work|song|picture|clip, id, title, deleted_at, erase_at, links: {restore, erase}}
Options: {engine, fps, height, start_s, duration_s, seed, face, expressiveness, head_motion, label, lips, performance, style,
         intensity: [KeyPoint or [time_s, value]]}: those of `SongToVideoSettings`, each may be left out
Film:    {id, title, song_id, picture_id, options: Options, created_at, report: null|FilmReport, emotion: null|Emotion,
         metrics: null|object, job: null|Job (the latest), links: {self, job: null|url, file: null|url, quality: null|url}}
Job:     {id, film_id, state: queued|running|done|failed|cancelled, stage, done, total, eta_s, share (0..1, null), overdue,
         position (about how many jobs are before it), error, cancel_requested, notes: [sentence], queued_at, started_at,
         finished_at, links: {self, film, events, cancel}}
Kind:    {name, title, inputs: {role: kind of file}, outputs: {role: ending}, options: JSON schema}
Work:    {id, kind, title, inputs: {role: asset id}, options, created_at, files: {role: url}, figures: null|object, job: Job,
         links: {self, job}}
KeyPoint: {time_s, value}
Emotion: {style, sections: [{start_s, stop_s, style}], step_s, intensity: [0..1], automatic: [0..1], points: [KeyPoint],
         automatic_points: [KeyPoint], learned: [0..1], learned_points: [KeyPoint]}
SongIntensity: {start_s, duration_s, sections, step_s, values: [0..1], points: [KeyPoint], learned: [0..1],
         learned_points: [KeyPoint]}
Upload:  {id, kind, file_name, size_bytes, received_bytes, created_at, links: {self, finish}}
Inspection: {id, kind, state: queued|running|done|failed, position, result_id, problem: null|Problem, links: {self, result}}
Limits:  {song_bytes, song_s, picture_bytes, picture_pixels, waiting_jobs, piece_bytes, ...}: those of `app.settings.Limits`

Events: at once one event with the whole Job; then one for all that changed since: `id:` the number of the last change, `event:`
`progress` where nothing but the progress changed, else `state`, `data:` JSON of the Job as it is now plus `event_id`; a comment
every 15 s; when the job has ended `event: end`, after which the client closes (else a browser would come back). Where too many
streams are open the answer ends early without `end`, and the browser comes back after the `retry:` time.
"""

from app.api import (
    account,
    albums,
    clip_faces,
    clips,
    exports,
    films,
    heads,
    jobs,
    library,
    links,
    looks,
    pictures,
    previews,
    songs,
    system,
    uploads,
    voices,
    words,
    works,
)
from app.api.blueprint import blueprint
from app.api.live import answers, sessions, streams, talking

__all__ = [
    "account",
    "albums",
    "answers",
    "blueprint",
    "clip_faces",
    "clips",
    "films",
    "exports",
    "heads",
    "jobs",
    "library",
    "links",
    "looks",
    "pictures",
    "previews",
    "sessions",
    "songs",
    "streams",
    "system",
    "talking",
    "uploads",
    "voices",
    "words",
    "works",
]
