/* Each message of lp_rpc.proto: the first byte selects it. What decodes must
 * encode and decode again. */
#include <assert.h>
#include <string.h>

#include "proto/rpc_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values are compared by what they encode to: padding in them is undefined. */
#define ROUND_TRIP(T, name)                                                  \
	do {                                                                 \
		static struct T a, b;                                        \
		struct str one = STR_INIT, two = STR_INIT;                   \
		struct err *e = name##_decode(&a, data, size);               \
		if (!e) {                                                    \
			name##_encode(&a, &one);                             \
			e = name##_decode(&b, one.s, one.len);               \
			assert(!e);                                          \
			name##_encode(&b, &two);                             \
			assert(one.len == two.len &&                         \
				!memcmp(one.s, two.s, one.len));             \
		}                                                            \
		err_free(e);                                                 \
		str_clear(&one);                                             \
		str_clear(&two);                                             \
	} while (0)

static void result(const uint8_t *data, size_t size)
{
	static struct transcode_result a, b;
	struct str one = STR_INIT;
	struct err *e = transcode_result_decode(&a, data, size);

	if (!e) {
		transcode_result_encode(&a, &one);
		e = transcode_result_decode(&b, one.s, one.len);
		assert(!e && !a.error == !b.error && a.n == b.n);
		transcode_result_clear(&b);
	}
	transcode_result_clear(&a);
	err_free(e);
	str_clear(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = STR_INIT;

	if (!size)
		return 0;
	size--;
	switch (*data++ & 7) {
	case 0:
		ROUND_TRIP(orchestrator_request, orchestrator_request);
		break;
	case 1:
		ROUND_TRIP(orchestrator_info, orchestrator_info);
		break;
	case 2:
		ROUND_TRIP(segment_creds, segment_creds);
		break;
	case 3:
		ROUND_TRIP(notify_segment, notify_segment);
		break;
	case 4:
		ROUND_TRIP(register_request, register_request);
		break;
	case 5:
		result(data, size);
		break;
	case 6:
		ROUND_TRIP(auth_token, end_session);
		break;
	case 7:
		err_free(ping_decode(&value, data, size));
		str_clear(&value);
		break;
	}
	return 0;
}
