using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Lora;

/// <summary>
/// Adapters as the files that PEFT, vLLM and others read: <c>adapter_model.safetensors</c> with <c>…lora_A.weight</c> (r, in) and
/// <c>…lora_B.weight</c> (out, r), and <c>adapter_config.json</c>.
/// </summary>
public static class AdapterFile
{
    /// <summary>The name of the weights file.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    /// <summary>The name of the configuration file.</summary>
    public const string ConfigName = "adapter_config.json";

    private const string Prefix = "base_model.model.";

    /// <summary>The two files of an adapter of one problem.</summary>
    /// <param name="adapter">The adapter, P = 1.</param>
    /// <param name="baseModel">The base model's name or path, for the configuration.</param>
    public static (byte[] Weights, byte[] Config) Write(Adapter adapter, string baseModel)
    {
        if (adapter.Problems != 1) throw new ArgumentException($"An adapter file holds one problem, not {adapter.Problems}.", nameof(adapter));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var named = new List<(string, Tensor)>();
        for (var i = 0; i < adapter.Modules.Count; i++)
        {
            var at = Prefix + adapter.Modules[i].Path;
            named.Add((at + ".lora_A.weight", adapter.Tensors[2 * i][0].t()));
            named.Add((at + ".lora_B.weight", adapter.Tensors[2 * i + 1][0].t()));
        }

        using var stream = new MemoryStream();
        SafeTensors.Write(stream, named, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
        return (stream.ToArray(), Config(adapter, baseModel));
    }

    /// <summary>Reads an adapter for a model.</summary>
    /// <param name="weights">The bytes of <see cref="WeightsName"/>.</param>
    /// <param name="config">The bytes of <see cref="ConfigName"/>.</param>
    /// <param name="model">The model it is for.</param>
    /// <returns>The adapter in fp32 on the model's device, P = 1; the caller disposes it.</returns>
    /// <exception cref="ModelFileException">A file is damaged, asks for what is not supported, or does not fit the model.</exception>
    public static Adapter Read(byte[] weights, byte[] config, CausalLM model)
    {
        var options = ReadConfig(config, model.LinearModules[0].FanInFanOut);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream(weights, writable: false);
        using var file = SafeTensorsFile.Open(stream, WeightsName);

        var present = model.LinearModules.Where(m => file.Entries.ContainsKey($"{Prefix}{m.Path}.lora_A.weight")).ToArray();
        var modules = (options with { Layers = [.. present.Select(m => m.Layer).Distinct()] }).SelectFor(model, ConfigName);
        var tensors = new List<Tensor>();
        foreach (var module in modules)
        {
            tensors.Add(Load(file, $"{module.Path}.lora_A.weight", model.Device, options.Rank, module.In));
            tensors.Add(Load(file, $"{module.Path}.lora_B.weight", model.Device, module.Out, options.Rank));
        }

        if (file.Entries.Count != tensors.Count)
        {
            var known = modules.SelectMany(m => new[] { $"{Prefix}{m.Path}.lora_A.weight", $"{Prefix}{m.Path}.lora_B.weight" }).ToHashSet(StringComparer.Ordinal);
            var foreign = file.Entries.Keys.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal).First();
            throw new ModelFileException(WeightsName, $"holds tensor '{foreign}', which belongs to no projection that {ConfigName} targets in this model.");
        }

        foreach (var tensor in tensors) tensor.DetachFromDisposeScope();
        var layers = modules.Select(m => m.Layer).Distinct().ToArray();
        return new Adapter(options with { Layers = layers.Length == model.Layers ? null : layers }, modules, tensors);
    }

    private static Tensor Load(SafeTensorsFile file, string name, Device device, params long[] shape) => // (1, in, r) or (1, r, out)
        file.Load(Prefix + name, shape).to(ScalarType.Float32).to(device).t().contiguous().unsqueeze(0);

    /// <summary>The projections that options from a file adapt.</summary>
    /// <exception cref="ModelFileException">An option is out of range or names what the model does not have.</exception>
    internal static IReadOnlyList<LinearModule> SelectFor(this LoraOptions options, CausalLM model, string file)
    {
        try
        {
            return options.Select(model.LinearModules);
        }
        catch (ArgumentException e)
        {
            throw new ModelFileException(file, e.Message);
        }
    }

    private static byte[] Config(Adapter adapter, string baseModel)
    {
        // A name may belong to a module that was not selected (GPT-2 has two c_proj); the targets it was selected by are exact.
        var targets = adapter.Options.Targets ?? adapter.Modules.Select(m => m.Name).Distinct(StringComparer.Ordinal);
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = baseModel,
            ["r"] = adapter.Options.Rank,
            ["lora_alpha"] = adapter.Options.Alpha,
            ["use_rslora"] = adapter.Options.RankStabilised,
            ["target_modules"] = new JsonArray([.. targets.Select(t => JsonValue.Create(t))]),
            ["layers_to_transform"] = adapter.Options.Layers is { } layers ? new JsonArray([.. layers.Select(l => JsonValue.Create(l))]) : null,
            ["bias"] = "none",
            ["lora_dropout"] = 0.0,
            ["fan_in_fan_out"] = adapter.Modules[0].FanInFanOut,
            ["modules_to_save"] = null,
            ["use_dora"] = false,
            ["init_lora_weights"] = true,
            ["inference_mode"] = true,
        };
        return JsonSerializer.SerializeToUtf8Bytes(config, Json.Indented);
    }

    private static string Word(bool value) => value ? "true" : "false";

    private static LoraOptions ReadConfig(byte[] bytes, bool fanInFanOut)
    {
        var fields = ConfigFields.Parse(ConfigName, bytes);
        fields.Refuse("peft_type", v => !v.Is("LORA"), "only LoRA adapters are supported");
        fields.Refuse("bias", v => !v.Is("none"), "trained biases are not supported");
        fields.Refuse("use_dora", v => v.ValueKind == JsonValueKind.True, "DoRA is not supported");
        if (fields.Flag("fan_in_fan_out", false) != fanInFanOut)
            throw new ModelFileException(ConfigName, $"fan_in_fan_out is {Word(!fanInFanOut)}; this model's projections need {Word(fanInFanOut)}.");
        foreach (var table in (string[])["modules_to_save", "rank_pattern", "alpha_pattern"])
            fields.Refuse(table, v => v.ValueKind == JsonValueKind.Array ? v.GetArrayLength() > 0 : v.ValueKind == JsonValueKind.Object ? v.EnumerateObject().Any() : v.ValueKind != JsonValueKind.Null, "it is not supported");
        return new LoraOptions
        {
            Rank = fields.Count("r"),
            Alpha = fields.Positive("lora_alpha", 8),
            RankStabilised = fields.Flag("use_rslora", false),
            Targets = fields.TextList("target_modules"),
        };
    }
}
