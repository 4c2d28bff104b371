"""Colours and fonts: the visitor's own system fonts, nothing fetched, light and dark."""

import gradio as gr

__all__ = ["page_theme"]


def page_theme() -> gr.themes.Base:
    """Return the page's theme."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_sm,
        text_size=gr.themes.sizes.text_sm,
        font=("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"),
        font_mono=("ui-monospace", "SF Mono", "Consolas", "monospace"),
    ).set(
        body_background_fill="#eef0f3",
        body_background_fill_dark="#14171c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1c2027",
        block_border_color="#d5dae1",
        block_border_color_dark="#2c323c",
        border_color_primary="#d5dae1",
        border_color_primary_dark="#2c323c",
        input_background_fill_dark="#14171c",
        background_fill_primary_dark="#1c2027",
        background_fill_secondary_dark="#242a33",
        color_accent_soft="#e3f1ef",
        color_accent_soft_dark="#2a3b3d",
        border_color_accent_subdued="#b5d8d3",
        border_color_accent_subdued_dark="#3b5655",
        block_shadow="none",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#0d655e",
        button_primary_background_fill_dark="#0f766e",
        button_primary_background_fill_hover_dark="#138a80",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#e6e9ee",
        button_secondary_background_fill_dark="#262c36",
        button_secondary_background_fill_hover_dark="#323a46",
        button_border_width="1px",
        button_secondary_border_color="#c3cad4",
        button_secondary_border_color_dark="#3a424f",
    )
