#include "src/model/wire.h"

#include <stdlib.h>
#include <string.h>

/* server/broadcast.go's list: lpms, FFmpeg's av_strerror(), go-livepeer's own. */
static const char *const nonretryable[] = {
	"Unsupported input pixel format",
	"Error initializing filtergraph",
	"Too many outputs",
	"Unsupported input codec",
	"No keyframes in input",
	"Unrecoverable state, restart process",
	"Encoded frames runaway",
	"Decoder not found",
	"Demuxer not found",
	"Encoder not found",
	"Muxer not found",
	"Option not found",
	"Invalid argument",
	"TranscoderInvalidResolution",
	"TranscoderInvalidVideo",
	"TranscoderUnrecognizedFormat",
	"TranscoderUnrecognizedProfile",
	"TranscoderInvalidGOP",
	"TranscoderIncompatibleDevices",
};

bool error_is_nonretryable(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(nonretryable); i++) {
		if (!strcmp(text, nonretryable[i]))
			return true;
	}
	return false;
}

void transcode_result_clear(struct transcode_result *r)
{
	free(r->error);
	*r = (struct transcode_result){0};
}

bool orchestrator_price(struct price *out, const struct orchestrator_info *i)
{
	return i->has_price && price_from_wire(out, i->price_per_unit, i->pixels_per_unit);
}
