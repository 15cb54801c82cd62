namespace Perk.Core.Evaluation;

/// <summary>A way to answer questions about a context: what is in the adapter, and what is in the prompt.</summary>
/// <param name="Name">Its name on the command line and in reports.</param>
/// <param name="Adapter">Which adapter answers.</param>
/// <param name="Text">What text stands before the question.</param>
/// <param name="Swapped">Whether adapter and text are another problem's: a control.</param>
public sealed record EvaluationMethod(string Name, AdapterUse Adapter, TextUse Text, bool Swapped = false)
{
    /// <summary>PERK: the context is in the adapter alone.</summary>
    public static EvaluationMethod Perk { get; } = new("perk", AdapterUse.Encoded, TextUse.None);

    /// <summary>In-context reasoning by a fine-tuned adapter: the context is in the prompt.</summary>
    public static EvaluationMethod Icr { get; } = new("icr", AdapterUse.Trained, TextUse.Whole);

    /// <summary>The base model with the context in the prompt.</summary>
    public static EvaluationMethod Prompt { get; } = new("prompt", AdapterUse.None, TextUse.Whole);

    /// <summary>The base model without adapter and context.</summary>
    public static EvaluationMethod None { get; } = new("none", AdapterUse.None, TextUse.None);

    /// <summary>Another document's adapter.</summary>
    public static EvaluationMethod Swap { get; } = Perk.Control();

    /// <summary>The base model with the segments in the prompt that BM25 finds for the question.</summary>
    public static EvaluationMethod Bm25 { get; } = new("bm25", AdapterUse.None, TextUse.Retrieved);

    /// <summary>The context's adapter and the segments that BM25 finds.</summary>
    public static EvaluationMethod Hybrid { get; } = new("hybrid", AdapterUse.Encoded, TextUse.Retrieved);

    /// <summary>All that can be asked for by name.</summary>
    public static IReadOnlyList<EvaluationMethod> All { get; } = [Perk, Icr, Prompt, None, Swap, Bm25, Hybrid];

    /// <summary>Whether it knows anything of a context.</summary>
    public bool SeesContext => Adapter == AdapterUse.Encoded || Text != TextUse.None;

    /// <summary>The method of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static EvaluationMethod Parse(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException($"Method '{name}' is unknown; use {string.Join(", ", All.Select(m => m.Name))}.");

    /// <summary>The same method given another problem's context: what it still gets right it does not owe to the context.</summary>
    public EvaluationMethod Control() => this with { Name = Adapter == AdapterUse.Encoded && Text == TextUse.None ? "swap" : $"{Name}-swap", Swapped = true };
}

/// <summary>Which adapter answers.</summary>
public enum AdapterUse
{
    /// <summary>None: the base model.</summary>
    None,

    /// <summary>The one that the inner loop writes the context into.</summary>
    Encoded,

    /// <summary>One that is the same for all contexts, trained to answer from the prompt.</summary>
    Trained,
}

/// <summary>What text stands before the question.</summary>
public enum TextUse
{
    /// <summary>None.</summary>
    None,

    /// <summary>The whole context.</summary>
    Whole,

    /// <summary>Segments of the context that fit the question best.</summary>
    Retrieved,
}
