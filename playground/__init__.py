"""The playground: demos of the zoo's models as a Streamlit app and as Gradio apps."""
