using System.Reflection;
using Perk.Core.Tensors;

namespace Perk.Core.Documents;

/// <summary>The versions of what computes an adapter, for manifests.</summary>
internal static class LibraryVersions
{
    public static IReadOnlyDictionary<string, string> Current { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["Perk.Core"] = Of(typeof(LibraryVersions)),
        ["TorchSharp"] = Of(NativeTorch.Managed),
        ["Microsoft.ML.Tokenizers"] = Of(typeof(Microsoft.ML.Tokenizers.Tokenizer)),
        [".NET"] = Environment.Version.ToString(),
    };

    private static string Of(Type type) => Of(type.Assembly);

    private static string Of(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
