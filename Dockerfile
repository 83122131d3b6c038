# The whole playground, on port 8501: docker build -t pocket-zoo . && docker run -p 8501:8501 pocket-zoo
FROM python:3.12-slim
RUN useradd --create-home --uid 1000 user
USER user
ENV PATH=/home/user/.local/bin:$PATH
WORKDIR /home/user/app
# torch first, in a layer of its own: it is most of the image and changes least. TORCH_INDEX takes its CPU build.
ARG TORCH_INDEX=
COPY --chown=user requirements.txt pyproject.toml ./
RUN pip install --no-cache-dir --user ${TORCH_INDEX:+--index-url $TORCH_INDEX} $(grep -E '^torch(vision)?==' requirements.txt)
COPY --chown=user . .
RUN pip install --no-cache-dir --user -r requirements.txt
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health')"
CMD ["streamlit", "run", "playground/Home.py", "--server.port=8501", "--server.address=0.0.0.0"]
