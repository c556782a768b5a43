#include "proto/segmenter.h"

#include <assert.h>
#include <string.h>

#include "proto/mpegts.h"

#define JUMP_MS 10000
#define NO_KEY_MS 20000
#define NO_VIDEO_MS 10000 /* declared, yet never configured: go without */
#define COMPOSITION_MAX_MS 10000
#define EARLY_CUTS_MAX 16
/* RTMP rounds to ms: two ends of 2000 ms may look 1999 ms apart. */
#define ROUNDING_MS 1
/* Audio frames are gathered into one PES packet: fewer headers, less stuffing.
 * As long as this, so that audio stays near its video in the file. */
#define AUDIO_HOLD_MS 200
#define AUDIO_HOLD_BYTES 4096
#define DEFAULT_FRAME_MS 40

struct track {
	bool known;	/* a configuration has come */
	bool changed;	/* ... and the open segment doesn't go by it */
	bool declared;	/* by onMetaData */
	bool running;	/* last_ms is set */
	int64_t last_ms; /* dts of the last frame taken */
	int64_t step_ms; /* between the last two; 0 unknown */
};

struct segmenter {
	int32_t segment_ms;
	struct mpegts ts;
	struct track video, audio;
	struct h264_config avc;
	struct aac_config aac;

	bool clock_runs;
	int64_t clock_ms; /* of the last frame, dropped ones too */
	bool waits;	  /* for a key frame, since wait_ms */
	int64_t wait_ms;
	unsigned early_cuts; /* since the last regular one */

	/* the segment being written */
	bool open;
	int64_t start_ms, start_pts_ms;
	bool jumped; /* the next to be opened follows a discontinuity */
	size_t last_size;
	struct segment head; /* of the open one, without data */
	struct str out;

	struct str adts; /* frames of one PES packet to be */
	unsigned adts_frames;
	int64_t adts_ms;
	int64_t adts_ticks; /* the same, finer */
	/* the clock that the audio's samples make */
	int64_t samples_from_ticks;
	int64_t samples;

	struct segment *ready;
};

static int64_t ticks(int64_t ms)
{
	return ms * TS_CLOCK + SEGMENTER_LEAD;
}

struct segmenter *segmenter_new(int32_t segment_ms)
{
	struct segmenter *s = XNEW(struct segmenter);

	assert(segment_ms > 0 && segment_ms <= 10000);
	s->segment_ms = segment_ms;
	return s;
}

void segmenter_free(struct segmenter *s)
{
	if (!s)
		return;
	segment_free(s->ready);
	h264_config_clear(&s->avc);
	str_clear(&s->out);
	str_clear(&s->adts);
	free(s);
}

void segmenter_declare(struct segmenter *s, const struct flv_meta *meta)
{
	s->video.declared = meta->has_video;
	s->audio.declared = meta->has_audio;
}

void segmenter_picture(const struct segmenter *s, int32_t *width,
	int32_t *height, double *fps)
{
	*width = s->avc.width;
	*height = s->avc.height;
	*fps = s->avc.fps;
}

struct segment *segmenter_next(struct segmenter *s)
{
	return TAKE(s->ready);
}

/* --- opening and closing a segment --- */

static void flush_audio(struct segmenter *s)
{
	if (!s->adts_frames)
		return;
	mpegts_audio(&s->ts, &s->out, (const uint8_t *)s->adts.s, s->adts.len,
		s->adts_ticks + SEGMENTER_LEAD);
	str_truncate(&s->adts, 0);
	s->adts_frames = 0;
	s->head.has_audio = true;
}

/* Where the last frame ends, if nothing follows it. */
static int64_t natural_end_ms(const struct segmenter *s)
{
	const struct track *t = s->head.has_video ? &s->video : &s->audio;
	int64_t step = t->step_ms;

	if (!step && s->head.has_video)
		step = s->avc.fps > 1 ? (int64_t)(1000 / s->avc.fps)
				      : DEFAULT_FRAME_MS;
	else if (!step)
		step = AAC_FRAME_SAMPLES * 1000 / s->aac.sample_rate;
	return t->last_ms + step - s->start_ms + s->start_pts_ms;
}

static void discard(struct segmenter *s)
{
	str_truncate(&s->out, 0);
	str_truncate(&s->adts, 0);
	s->adts_frames = 0;
	s->open = false;
}

/* The tables announced sound, and none came: they are written anew without it,
 * since decoders - other transcoders' too - stumble over a stream of which they
 * learn nothing. The next segment announces it again. */
static void unannounce_audio(struct segmenter *s)
{
	struct mpegts *t = &s->ts;
	struct str tables = STR_INIT;

	t->pat_counter = (t->pat_counter - 1) & 0xf;
	t->pmt_counter = (t->pmt_counter - 1) & 0xf;
	mpegts_program(t, true, false);
	mpegts_tables(t, &tables);
	memcpy(s->out.s, tables.s, tables.len);
	str_clear(&tables);
}

static void close_segment(struct segmenter *s, int64_t end_pts_ms)
{
	struct segment *done;
	int64_t duration = end_pts_ms - s->start_pts_ms;

	if (!s->open)
		return;
	flush_audio(s);
	/* Tables alone: the frame that opened it was malformed. */
	if (s->out.len <= 2 * TS_PACKET) {
		discard(s);
		return;
	}
	if (s->ts.has_audio && s->head.has_video && !s->head.has_audio)
		unannounce_audio(s);
	assert(!s->ready);
	done = XNEW(struct segment);
	*done = s->head;
	/* Composition times may shrink it to nothing, never below. */
	done->duration_ms = duration > 0 ? (int32_t)duration : 1;
	s->last_size = s->out.len;
	/* Doubling may have left as much again unused. */
	s->out.s = xrealloc(s->out.s, s->out.len + 1);
	s->out.cap = s->out.len + 1;
	done->data = blob_from_str(&s->out);
	s->ready = done;
	s->head.seq++;
	s->open = false;
}

static void open_segment(struct segmenter *s, int64_t pts_ms, int64_t dts_ms)
{
	bool video = s->video.known, audio = s->audio.known || s->audio.declared;
	bool changed = s->video.changed || s->audio.changed;

	assert(!s->open);
	if (changed || s->ts.has_video != video || s->ts.has_audio != audio)
		mpegts_program(&s->ts, video, audio);
	s->head.discontinuity = s->head.seq && (changed || s->jumped);
	s->head.start_pts = ticks(pts_ms);
	s->head.container = CONTAINER_MPEGTS;
	s->head.has_video = video;
	s->head.has_audio = false;
	s->video.changed = s->audio.changed = s->jumped = false;
	s->start_ms = dts_ms;
	s->start_pts_ms = pts_ms;
	s->open = true;
	s->waits = false;
	str_reserve(&s->out, s->last_size + s->last_size / 8 + 8 * TS_PACKET);
	mpegts_tables(&s->ts, &s->out);
}

/* A cut that the clock doesn't ask for. */
static struct err *cut_early(struct segmenter *s, int64_t end_pts_ms)
{
	close_segment(s, end_pts_ms);
	if (++s->early_cuts > EARLY_CUTS_MAX)
		return err_new(ERR_MEDIA,
			"the stream changes its clock or format all the time");
	return NULL;
}

/* --- time --- */

/* Unwraps a timestamp; a jump ends the segment and restarts both tracks. */
static struct err *advance(struct segmenter *s, uint32_t timestamp,
	int64_t *now_ms)
{
	int64_t was = s->clock_ms, now = timestamp;
	bool jump = false;

	if (s->clock_runs) {
		now = was + (int32_t)(timestamp - (uint32_t)was);
		if (now < 0)
			now += (int64_t)1 << 32;
		jump = now - was > JUMP_MS || was - now > JUMP_MS;
	}
	s->clock_runs = true;
	s->clock_ms = *now_ms = now;
	if (!jump)
		return NULL;
	s->video.running = s->audio.running = false;
	s->waits = false;
	s->jumped = true;
	if (!s->open)
		return NULL;
	return cut_early(s, natural_end_ms(s));
}

static struct err *check_key_frames(struct segmenter *s, int64_t now_ms)
{
	if (!s->video.known)
		return NULL;
	if (!s->open && !s->waits) {
		s->waits = true;
		s->wait_ms = now_ms;
	}
	if (now_ms - (s->open ? s->start_ms : s->wait_ms) <= NO_KEY_MS)
		return NULL;
	return err_new(ERR_MEDIA,
		"no key frame for 20 s: set the encoder's keyframe interval "
		"below 8 s");
}

/* False: not later than the track's last frame. */
static bool step(struct track *t, int64_t now_ms)
{
	if (t->running && now_ms <= t->last_ms)
		return false;
	t->step_ms = t->running ? now_ms - t->last_ms : 0;
	t->last_ms = now_ms;
	t->running = true;
	return true;
}

static struct err *check_size(const struct segmenter *s)
{
	if (s->out.len <= SEGMENT_BYTES_MAX)
		return NULL;
	return err_new(ERR_LIMIT, "a segment of more than %zu MiB",
		SEGMENT_BYTES_MAX >> 20);
}

/* --- frames --- */

static struct err *cut_at_key(struct segmenter *s, int64_t pts_ms,
	int64_t dts_ms)
{
	struct err *e = NULL;

	/* By pts: it is even where encoders derive dts from a jittery clock. */
	if (s->open &&
		pts_ms - s->start_pts_ms >= s->segment_ms - ROUNDING_MS) {
		close_segment(s, pts_ms);
		s->early_cuts = 0;
	} else if (s->open && (s->video.changed || s->audio.changed)) {
		e = cut_early(s, pts_ms);
	}
	if (!e && !s->open)
		open_segment(s, pts_ms, dts_ms);
	return e;
}

static struct err *on_video(struct segmenter *s, int64_t dts_ms,
	const struct flv_packet *p)
{
	int64_t pts_ms;
	struct err *e;

	if (p->composition > COMPOSITION_MAX_MS)
		return NULL;
	/* A frame can't be shown before it is decoded, whatever is said. */
	pts_ms = dts_ms + (p->composition > 0 ? p->composition : 0);
	if ((e = check_key_frames(s, dts_ms)))
		return e;
	if (!p->key && (!s->open || s->video.changed))
		return NULL;
	if (s->video.running && dts_ms <= s->video.last_ms)
		return NULL;
	if (p->key && (e = cut_at_key(s, pts_ms, dts_ms)))
		return e;
	step(&s->video, dts_ms);
	if (s->adts_frames && dts_ms - s->adts_ms >= AUDIO_HOLD_MS)
		flush_audio(s);
	if (!mpegts_video(&s->ts, &s->out, &s->avc, p->data, p->size,
		    ticks(pts_ms), ticks(dts_ms), p->key))
		return err_new(ERR_MEDIA, "malformed H.264 frame");
	return check_size(s);
}

static struct err *cut_at_audio(struct segmenter *s, int64_t now_ms)
{
	struct err *e = NULL;

	if (s->open && now_ms - s->start_ms >= s->segment_ms) {
		close_segment(s, now_ms);
		s->early_cuts = 0;
	} else if (s->open && s->audio.changed) {
		e = cut_early(s, now_ms);
	}
	if (!e && !s->open)
		open_segment(s, now_ms, now_ms);
	return e;
}

/* When a frame begins, in ticks: by the count of samples as long as that agrees
 * with the peer's ms, which are rounded. */
static int64_t audio_ticks(struct segmenter *s, int64_t now_ms)
{
	int64_t now = now_ms * TS_CLOCK, fine;

	fine = s->samples_from_ticks +
	       s->samples * 1000 * TS_CLOCK / s->aac.sample_rate;
	if (now - fine > TS_CLOCK || fine - now > TS_CLOCK) {
		s->samples_from_ticks = fine = now;
		s->samples = 0;
	}
	s->samples += AAC_FRAME_SAMPLES;
	return fine;
}

static void gather_audio(struct segmenter *s, int64_t now_ms,
	const struct flv_packet *p)
{
	int64_t due_ms = s->adts_ms + (int64_t)s->adts_frames *
			 AAC_FRAME_SAMPLES * 1000 / s->aac.sample_rate;
	int64_t half_ms = AAC_FRAME_SAMPLES * 500 / s->aac.sample_rate;
	int64_t fine = audio_ticks(s, now_ms);
	uint8_t header[ADTS_SIZE];

	/* Players count the frames of a PES packet on from its one time. */
	if (s->adts_frames && (now_ms - s->adts_ms >= AUDIO_HOLD_MS ||
				      s->adts.len >= AUDIO_HOLD_BYTES ||
				      now_ms - due_ms > half_ms ||
				      due_ms - now_ms > half_ms))
		flush_audio(s);
	if (!s->adts_frames++) {
		s->adts_ms = now_ms;
		s->adts_ticks = fine;
	}
	adts_encode(&s->aac, p->size, header);
	str_addn(&s->adts, header, sizeof(header));
	str_addn(&s->adts, p->data, p->size);
}

static struct err *on_audio(struct segmenter *s, int64_t now_ms,
	const struct flv_packet *p)
{
	struct err *e;

	if (p->size > ADTS_FRAME_MAX)
		return err_new(ERR_MEDIA, "an AAC frame of %zu bytes", p->size);
	if ((e = check_key_frames(s, now_ms)) || !step(&s->audio, now_ms))
		return e;
	if (s->video.known) {
		/* A change waits for the key frame that begins a segment. */
		if (!s->open || s->audio.changed)
			return NULL;
	} else {
		if (s->video.declared) {
			if (!s->waits)
				s->wait_ms = now_ms;
			s->waits = true;
			if (now_ms - s->wait_ms < NO_VIDEO_MS)
				return NULL;
			s->video.declared = false;
		}
		if ((e = cut_at_audio(s, now_ms)))
			return e;
	}
	gather_audio(s, now_ms, p);
	return check_size(s);
}

/* --- configurations --- */

static struct err *on_video_config(struct segmenter *s,
	const struct flv_packet *p)
{
	struct h264_config c = {0};
	struct err *e = h264_config_parse(&c, p->data, p->size);
	bool first = !s->video.known;

	if (e)
		return e;
	/* Encoders repeat it; only another one is news. */
	if (!first && c.size == s->avc.size &&
		c.length_size == s->avc.length_size &&
		!memcmp(c.headers, s->avc.headers, c.size)) {
		h264_config_clear(&c);
		return NULL;
	}
	h264_config_clear(&s->avc);
	s->avc = c;
	s->video.known = s->video.changed = true;
	if (!first)
		return NULL;
	s->waits = false;
	/* Audio came first: either it was only early, or video joins in. */
	if (s->open && !s->head.seq)
		discard(s);
	else if (s->open)
		return cut_early(s, natural_end_ms(s));
	return NULL;
}

static struct err *on_audio_config(struct segmenter *s,
	const struct flv_packet *p)
{
	struct aac_config c;
	struct err *e = aac_config_parse(&c, p->data, p->size);
	bool first = !s->audio.known;

	if (e)
		return e;
	if (!first && c.object_type == s->aac.object_type &&
		c.rate_index == s->aac.rate_index &&
		c.channel_config == s->aac.channel_config)
		return NULL;
	/* Another rate counts its samples anew. */
	s->samples_from_ticks = s->clock_ms * TS_CLOCK;
	s->samples = 0;
	s->aac = c;
	/* ADTS describes itself: a PMT that has audio already fits. */
	s->audio.changed = !first || !s->open || !s->ts.has_audio;
	s->audio.known = true;
	return NULL;
}

struct err *segmenter_feed(struct segmenter *s, enum flv_tag kind,
	uint32_t timestamp, const uint8_t *body, size_t n)
{
	bool video = kind == FLV_VIDEO;
	struct flv_packet p;
	int64_t now_ms;
	struct err *e;

	assert(!s->ready);
	if (kind == FLV_SCRIPT)
		return NULL;
	e = video ? flv_video_parse(body, n, &p) : flv_audio_parse(body, n, &p);
	if (e || p.what == FLV_NOTHING)
		return e;
	if (p.what == FLV_CONFIG)
		return video ? on_video_config(s, &p) : on_audio_config(s, &p);
	if (!(video ? s->video.known : s->audio.known))
		return NULL;
	if ((e = advance(s, timestamp, &now_ms)))
		return e;
	return video ? on_video(s, now_ms, &p) : on_audio(s, now_ms, &p);
}

void segmenter_end(struct segmenter *s)
{
	if (s->open)
		close_segment(s, natural_end_ms(s));
}
