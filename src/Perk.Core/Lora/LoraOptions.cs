using System.Text.Json.Nodes;

namespace Perk.Core.Lora;

/// <summary>
/// The shape of a LoRA adapter (Hu et al. 2021, arXiv 2106.09685; rank-stabilised scaling: Kalajdzievski 2023, arXiv 2312.03732).
/// </summary>
public sealed record LoraOptions
{
    /// <summary>The rank r of each update, from 1 to 1024.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The numerator of the scaling.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Whether the scaling is alpha / √r (true) or alpha / r.</summary>
    public bool RankStabilised { get; init; } = true;

    /// <summary>
    /// Ends of the module paths that get an update, in whole parts: <c>q_proj</c>, or <c>attn.c_proj</c> where <c>c_proj</c>
    /// alone would mean two projections (PEFT's rule for <c>target_modules</c>); null for every linear projection of the
    /// model's layers.
    /// </summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Layer numbers that get an update; null for all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The factor on the update B·A.</summary>
    public double Scaling => RankStabilised ? Alpha / Math.Sqrt(Rank) : Alpha / Rank;

    /// <summary>Canonical JSON, part of checkpoint and adapter ids.</summary>
    internal JsonObject ToJson() => new()
    {
        ["rank"] = Rank,
        ["alpha"] = Alpha,
        ["rankStabilised"] = RankStabilised,
        ["targets"] = Targets is null ? null : new JsonArray([.. Targets.Order(StringComparer.Ordinal).Select(t => JsonValue.Create(t))]),
        ["layers"] = Layers is null ? null : new JsonArray([.. Layers.Order().Select(l => JsonValue.Create(l))]),
    };

    /// <summary>Checks what can be checked without a model.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message says which.</exception>
    internal LoraOptions Validated()
    {
        if (Rank is < 1 or > 1024) throw new ArgumentException($"LoRA rank {Rank} is out of range; use 1 to 1024.");
        if (Alpha is not (> 0 and < 1e30)) throw new ArgumentException($"LoRA alpha {Alpha} is out of range; use a positive number.");
        if (Targets?.Any(target => target is null) == true) throw new ArgumentException("A LoRA target is null; use the end of a module's path.");
        return this;
    }

    /// <summary>The linear projections of a model that these options adapt, in the model's order.</summary>
    /// <exception cref="ArgumentException">
    /// An option is out of range or names what the model does not have; the message says which.
    /// </exception>
    public IReadOnlyList<LinearModule> Select(IReadOnlyList<LinearModule> modules)
    {
        Validated();
        if (Targets?.FirstOrDefault(t => !modules.Any(m => m.EndsIn(t))) is { } unknown)
        {
            var names = modules.Select(m => m.Name).Distinct(StringComparer.Ordinal);
            throw new ArgumentException(
                $"LoRA target '{unknown}' is not a projection of this model; it has {string.Join(", ", names)}.");
        }

        var layers = modules.Max(m => m.Layer) + 1;
        if (Layers is { } chosen && chosen.Any(l => l < 0 || l >= layers))
            throw new ArgumentException($"LoRA layer {chosen.First(l => l < 0 || l >= layers)} does not exist; the model has layers 0 to {layers - 1}.");

        LinearModule[] selected = [.. modules.Where(m => Targets?.Any(m.EndsIn) != false && Layers?.Contains(m.Layer) != false)];
        return selected.Length > 0 ? selected : throw new ArgumentException("The LoRA options select no projection at all.");
    }
}

/// <summary>A linear projection that an adapter can change.</summary>
/// <param name="Path">The Hugging Face module path, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Layer">The layer it belongs to.</param>
/// <param name="In">Input features.</param>
/// <param name="Out">Output features.</param>
/// <param name="FanInFanOut">
/// Whether the model's files hold its weight as (in, out), as GPT-2's do, and not as (out, in); adapter files say so.
/// </param>
public sealed record LinearModule(string Path, int Layer, int In, int Out, bool FanInFanOut = false)
{
    /// <summary>The last part of the path, such as <c>q_proj</c>.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>Whether the path is this, or ends in it after a dot.</summary>
    internal bool EndsIn(string target) =>
        Path.EndsWith(target, StringComparison.Ordinal) && (Path.Length == target.Length || Path[^(target.Length + 1)] == '.');
}
