# genenet with its workflow: docker build --tag genenet . && docker run --rm -v "$PWD":/work genenet infer matrix.tsv -o net
# For Apptainer see genenet.def; docs/howto/containers.md says how to use both.
ARG BASE=docker.io/library/python:3.12-slim
FROM ${BASE} AS build
COPY . /source
RUN python3 -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM ${BASE}
COPY --from=build /wheels /wheels
RUN python3 -m pip install --no-cache-dir /wheels/*.whl && rm -r /wheels \
    # Compiled kernels, and whatever else programs keep in a home, of any user that the container is started as.
    && mkdir -m 1777 /home/genenet
# A user without a name (docker run -u) has none to ask for.
ENV HOME=/home/genenet USER=genenet
WORKDIR /work
ENTRYPOINT ["genenet"]
CMD ["--help"]
