#include "proto/flv.h"

#include <assert.h>
#include <string.h>

#include "proto/amf0.h"
#include "proto/bytes.h"

enum { CODEC_AVC = 7, SOUND_EXTENDED = 9, SOUND_AAC = 10 };
enum { FRAME_KEY = 1, FRAME_COMMAND = 5 };

static const char *const sounds[16] = {
	"uncompressed PCM", "ADPCM", "MP3", "uncompressed PCM",
	"Nellymoser 16 kHz", "Nellymoser 8 kHz", "Nellymoser", "G.711 A-law",
	"G.711 mu-law", "an extended codec", "AAC", "Speex", "reserved",
	"reserved", "MP3 8 kHz", "a device's own sound"};

static const char *codec_name(unsigned codec)
{
	switch (codec) {
	case 2:
		return "Sorenson H.263";
	case 3:
	case 6:
		return "screen video";
	case 4:
	case 5:
		return "VP6";
	case 12:
		return "H.265";
	}
	return "this video codec";
}

/* Enhanced RTMP names the codec by four characters. */
static const char *fourcc_name(const uint8_t *p)
{
	static const struct {
		char fourcc[5];
		const char *name;
	} known[] = {
		{"hvc1", "H.265"}, {"av01", "AV1"}, {"vp09", "VP9"},
		{"vp08", "VP8"}, {"vvc1", "H.266"}, {"avc1", "enhanced H.264"},
		{"Opus", "Opus"}, {"fLaC", "FLAC"}, {"ac-3", "AC-3"},
		{"ec-3", "E-AC-3"}, {".mp3", "MP3"}, {"mp4a", "enhanced AAC"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!memcmp(p, known[i].fourcc, 4))
			return known[i].name;
	}
	return "this codec";
}

struct err *flv_video_parse(const uint8_t *body, size_t n,
	struct flv_packet *out)
{
	unsigned frame;

	*out = (struct flv_packet){.what = FLV_NOTHING};
	if (!n)
		return NULL;
	if (body[0] & 0x80) {
		if (n < 5)
			return err_new(ERR_MEDIA, "malformed video message");
		return err_new(ERR_MEDIA,
			"%s over RTMP is not supported: use H.264",
			fourcc_name(body + 1));
	}
	frame = body[0] >> 4;
	if (frame == FRAME_COMMAND)
		return NULL;
	if ((body[0] & 0xf) != CODEC_AVC)
		return err_new(ERR_MEDIA,
			"%s over RTMP is not supported: use H.264",
			codec_name(body[0] & 0xf));
	if (n < 5)
		return err_new(ERR_MEDIA, "malformed video message");
	out->key = frame == FRAME_KEY;
	/* SI24: sign-extended by the shift. */
	out->composition = (int32_t)(get_be24(body + 2) << 8) >> 8;
	out->data = body + 5;
	out->size = n - 5;
	if (body[1] == 0)
		out->what = FLV_CONFIG;
	else if (body[1] == 1 && out->size)
		out->what = FLV_FRAME;
	return NULL;
}

struct err *flv_audio_parse(const uint8_t *body, size_t n,
	struct flv_packet *out)
{
	unsigned sound;

	*out = (struct flv_packet){.what = FLV_NOTHING};
	if (!n)
		return NULL;
	sound = body[0] >> 4;
	if (sound == SOUND_EXTENDED && n >= 5)
		return err_new(ERR_MEDIA,
			"%s over RTMP is not supported: use AAC",
			fourcc_name(body + 1));
	if (sound != SOUND_AAC)
		return err_new(ERR_MEDIA,
			"%s over RTMP is not supported: use AAC",
			sounds[sound]);
	if (n < 2)
		return err_new(ERR_MEDIA, "malformed audio message");
	out->data = body + 2;
	out->size = n - 2;
	if (body[1] == 0)
		out->what = FLV_CONFIG;
	else if (body[1] == 1 && out->size)
		out->what = FLV_FRAME;
	return NULL;
}

/* --- AAC --- */

struct bits {
	const uint8_t *p;
	size_t left, at; /* bits */
};

static uint32_t bits(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	for (; n; n--, b->at++) {
		v <<= 1;
		if (b->at < b->left)
			v |= b->p[b->at / 8] >> (7 - b->at % 8) & 1;
	}
	return v;
}

static const int32_t sample_rates[] = {96000, 88200, 64000, 48000, 44100,
	32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};

/* An explicit rate is an index again if the table has it. */
static uint32_t read_rate(struct bits *b)
{
	uint32_t index = bits(b, 4), rate;

	if (index != 15)
		return index;
	rate = bits(b, 24);
	for (index = 0; index < ARRAY_SIZE(sample_rates); index++) {
		if ((uint32_t)sample_rates[index] == rate)
			break;
	}
	return index;
}

static uint32_t read_object_type(struct bits *b)
{
	uint32_t type = bits(b, 5);

	return type == 31 ? 32 + bits(b, 6) : type;
}

struct err *aac_config_parse(struct aac_config *out, const uint8_t *asc,
	size_t n)
{
	enum { SBR = 5, PS = 29 };
	struct bits b = {.p = asc, .left = n * 8};
	uint32_t type, rate, channels;

	if (n < 2 || n > 256)
		return err_new(ERR_MEDIA, "malformed AAC configuration");
	type = read_object_type(&b);
	rate = read_rate(&b);
	channels = bits(&b, 4);
	if (type == SBR || type == PS) {
		read_rate(&b);
		type = read_object_type(&b);
	}
	if (type < 1 || type > 4)
		return err_new(ERR_MEDIA,
			"AAC object type %u is not supported: use AAC-LC",
			type);
	if (rate >= ARRAY_SIZE(sample_rates))
		return err_new(ERR_MEDIA, "unusual AAC sample rate");
	if (!channels || channels > 7)
		return err_new(ERR_MEDIA,
			"unusual AAC channel layout: use mono, stereo or 5.1");
	if (bits(&b, 1))
		return err_new(ERR_MEDIA,
			"AAC frames of 960 samples are not supported");
	out->object_type = (uint8_t)type;
	out->rate_index = (uint8_t)rate;
	out->channel_config = (uint8_t)channels;
	out->sample_rate = sample_rates[rate];
	return NULL;
}

void adts_encode(const struct aac_config *c, size_t size,
	uint8_t out[static ADTS_SIZE])
{
	size_t len = size + ADTS_SIZE;

	assert(size <= ADTS_FRAME_MAX);
	out[0] = 0xff;
	out[1] = 0xf1; /* MPEG-4, no CRC */
	out[2] = (uint8_t)((c->object_type - 1) << 6 | c->rate_index << 2 |
			   c->channel_config >> 2);
	out[3] = (uint8_t)((c->channel_config & 3) << 6 | len >> 11);
	out[4] = (uint8_t)(len >> 3);
	out[5] = (uint8_t)((len & 7) << 5 | 0x1f);
	out[6] = 0xfc; /* buffer fullness "variable rate", one block */
}

/* --- onMetaData --- */

static int32_t side(double v)
{
	return v >= 1 && v <= 16384 ? (int32_t)v : 0;
}

static void on_key(void *ctx, const char *key, size_t len,
	const struct amf0_value *v)
{
	struct flv_meta *m = ctx;
	bool number = v->type == AMF0_NUMBER;

	if (amf0_is(key, len, "width") && number)
		m->width = side(v->number);
	else if (amf0_is(key, len, "height") && number)
		m->height = side(v->number);
	else if (amf0_is(key, len, "framerate") && number)
		m->fps = v->number > 0 && v->number <= 1000 ? v->number : 0;
	else if (amf0_is(key, len, "videocodecid"))
		m->has_video = !number || v->number > 0;
	else if (amf0_is(key, len, "audiocodecid"))
		m->has_audio = !number || v->number > 0;
}

bool flv_meta_parse(struct flv_meta *out, const uint8_t *data, size_t n)
{
	struct amf0 a = {data, n};
	struct flv_meta m = {0};

	if (!amf0_next_object(&a, on_key, &m))
		return false;
	*out = m;
	return true;
}
