/* What a worker taken over by its input might tell the pool. */
#include "src/media/worker_proto.h"

#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void map(const struct worker_answer *a, const uint8_t *rest, size_t n)
{
	struct transcode_output out;
	int fd = worker_memfd_new("fuzz");
	struct err *e;

	if (fd < 0)
		return;
	e = worker_memfd_write(fd, rest, n);
	if (!e)
		e = worker_memfd_seal(fd);
	if (!e)
		e = worker_answer_map(a, fd, &out);
	close(fd);
	if (!e) {
		for (size_t i = 0; i < out.n; i++) {
			blob_put(out.r[i].data);
			blob_put(out.r[i].phash);
		}
	}
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct worker_answer a = {0};
	size_t n = size < sizeof(a) ? size : sizeof(a);
	struct media_info info;

	if (n)
		memcpy(&a, data, n);
	if (!worker_answer_check(&a, size < sizeof(a) ? size : sizeof(a)))
		return 0;
	err_free(worker_answer_err(&a));
	worker_answer_info(&a, &info);
	map(&a, data + n, size - n);
	return 0;
}
